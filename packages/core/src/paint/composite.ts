import {
  type BlendMode,
  blendColors,
  type ChannelBlendMode,
  type ColorBlend,
  channelBlends,
  colorBlends,
  isColorBlendMode,
} from "./blend-modes.js";
import { layOver } from "./pixels.js";

/** A stretch of one row to paint. */
export interface PaintedStretch {
  /** The picture's bytes, RGBA; they are changed. */
  readonly data: Uint8ClampedArray;
  /** First pixel, and the pixel after the last. */
  readonly start: number;
  readonly end: number;
  /** Paint for `start` at index 0, RGBA. */
  readonly paint: Uint8ClampedArray;
  /** Coverage 0..255 by pixel of the picture; covered wholly when absent. */
  readonly coverage: Uint8Array | undefined;
  /** 0..1. */
  readonly opacity: number;
}

/**
 * Composites paint over a picture: blending with the backdrop as far as that is solid, then "source over".
 * Source of the formula: W3C "Compositing and Blending Level 1", sections 5.1 and 10.
 */
export function compositeStretch(mode: BlendMode, stretch: PaintedStretch): void {
  if (mode === "normal") compositeNormal(stretch);
  else if (isColorBlendMode(mode)) compositeColors(colorBlends[mode], stretch);
  else compositeChannels(blendTable(mode), stretch);
}

function compositeNormal({ data, start, end, paint, coverage, opacity }: PaintedStretch): void {
  const scale = coverage ? opacity / 65025 : opacity / 255;
  for (let pixel = start, source = 0, target = start * 4; pixel < end; pixel++, source += 4, target += 4) {
    const alpha = coverage ? paint[source + 3]! * coverage[pixel]! * scale : paint[source + 3]! * scale;
    const below = data[target + 3]!;
    if (below === 255) {
      const kept = 1 - alpha;
      data[target] = data[target]! * kept + paint[source]! * alpha;
      data[target + 1] = data[target + 1]! * kept + paint[source + 1]! * alpha;
      data[target + 2] = data[target + 2]! * kept + paint[source + 2]! * alpha;
    } else {
      layOver(data, target, paint[source]!, paint[source + 1]!, paint[source + 2]!, alpha);
    }
  }
}

function compositeChannels(
  table: Float32Array,
  { data, start, end, paint, coverage, opacity }: PaintedStretch,
): void {
  const scale = coverage ? opacity / 65025 : opacity / 255;
  for (let pixel = start, source = 0, target = start * 4; pixel < end; pixel++, source += 4, target += 4) {
    const alpha = coverage ? paint[source + 3]! * coverage[pixel]! * scale : paint[source + 3]! * scale;
    const below = data[target + 3]!;
    const red = table[paint[source]! * 256 + data[target]!]!;
    const green = table[paint[source + 1]! * 256 + data[target + 1]!]!;
    const blue = table[paint[source + 2]! * 256 + data[target + 2]!]!;
    if (below === 255) {
      const kept = 1 - alpha;
      data[target] = data[target]! * kept + red * alpha;
      data[target + 1] = data[target + 1]! * kept + green * alpha;
      data[target + 2] = data[target + 2]! * kept + blue * alpha;
    } else {
      layBlended(data, target, paint, source, red, green, blue, alpha);
    }
  }
}

function compositeColors(
  blend: ColorBlend,
  { data, start, end, paint, coverage, opacity }: PaintedStretch,
): void {
  const scale = coverage ? opacity / 65025 : opacity / 255;
  const blended = new Float64Array(3);
  for (let pixel = start, source = 0, target = start * 4; pixel < end; pixel++, source += 4, target += 4) {
    const alpha = coverage ? paint[source + 3]! * coverage[pixel]! * scale : paint[source + 3]! * scale;
    blendColors(
      blend,
      data[target]!,
      data[target + 1]!,
      data[target + 2]!,
      paint[source]!,
      paint[source + 1]!,
      paint[source + 2]!,
      255,
      blended,
    );
    layBlended(data, target, paint, source, blended[0]!, blended[1]!, blended[2]!, alpha);
  }
}

/** A blended colour holds as far as there is a backdrop; where that is clear, the paint itself shows. */
function layBlended(
  data: Uint8ClampedArray,
  target: number,
  paint: Uint8ClampedArray,
  source: number,
  red: number,
  green: number,
  blue: number,
  alpha: number,
): void {
  const solid = data[target + 3]! / 255;
  layOver(
    data,
    target,
    paint[source]! + (red - paint[source]!) * solid,
    paint[source + 1]! + (green - paint[source + 1]!) * solid,
    paint[source + 2]! + (blue - paint[source + 2]!) * solid,
    alpha,
  );
}

const tables = new Map<ChannelBlendMode, Float32Array>();

/** Results 0..255 of a channel mode for every pair of bytes, at `paint * 256 + backdrop`. Made once for each mode. */
function blendTable(mode: ChannelBlendMode): Float32Array {
  let table = tables.get(mode);
  if (!table) {
    const blend = channelBlends[mode];
    table = Float32Array.from(
      { length: 65536 },
      (_, index) => 255 * blend((index & 255) / 255, (index >> 8) / 255),
    );
    tables.set(mode, table);
  }
  return table;
}
