import { type ChannelBlendMode, isColorBlendMode } from "./blend-modes.js";
import type { Rgba } from "./color.js";
import { mixedByte, mixTable } from "./composite.js";
import { evenColorPainter } from "./even-color-modes.js";
import type { LayerPlan } from "./paint-layer.js";
import { nearestByte } from "./pixel-words.js";
import { shadedPainter } from "./shaded-painter.js";
import type { RegionLook } from "./shading.js";

/**
 * Paints wholly covered pixels in one step, without writing down the paint first.
 * @param words - The picture's pixels as words (`editAsWords`); they are changed.
 * @param end - The pixel after the last.
 * @returns The first pixel that is not solid, where it stopped, or `end`.
 */
export type SpanPainter = (words: Int32Array, start: number, end: number) => number;

/** The short way for a layer of one colour, which is what most layers are; undefined for all others. */
export function spanPainter(plan: LayerPlan, look: RegionLook | undefined): SpanPainter | undefined {
  const { fill, blend, opacity } = plan;
  if (fill.kind !== "color") return undefined;
  const { color } = fill;
  const share = (nearestByte(color.alpha * 255) / 255) * opacity;
  if (isColorBlendMode(blend)) return look ? undefined : evenColorPainter(blend, color, share);
  if (!look) return evenPainter(blend, color, share);
  return shadedPainter(color, look, plan.keepShading, mixTable(blend, share));
}

/**
 * In a mode that treats each channel alone a byte's new value depends on its old one only: three tables of 256 entries
 * stand for the whole layer.
 */
function evenPainter(blend: ChannelBlendMode, { red, green, blue }: Rgba, share: number): SpanPainter {
  const entriesOf = (paint: number, shift: number) =>
    Int32Array.from({ length: 256 }, (_, under) => mixedByte(blend, under, paint, share) << shift);
  const reds = entriesOf(red, 0);
  const greens = entriesOf(green, 8);
  const blues = entriesOf(blue, 16);
  return (words, start, end) => {
    // Own names save a look into the closure for each pixel.
    const [ofRed, ofGreen, ofBlue] = [reds, greens, blues];
    for (let pixel = start; pixel < end; pixel++) {
      const under = words[pixel]!;
      if (under >>> 24 !== 255) return pixel;
      words[pixel] =
        ofRed[under & 255]! | ofGreen[(under >>> 8) & 255]! | ofBlue[(under >>> 16) & 255]! | (255 << 24);
    }
    return end;
  };
}
