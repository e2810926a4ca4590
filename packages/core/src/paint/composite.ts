import {
  type BlendMode,
  blendColors,
  type ChannelBlendMode,
  type ColorBlend,
  channelBlends,
  colorBlends,
  isColorBlendMode,
} from "./blend-modes.js";
import { nearestByte, packWord } from "./pixel-words.js";

/** A stretch of one row to paint. */
export interface PaintedStretch {
  /** The picture's pixels as words (`editAsWords`); they are changed. */
  readonly words: Int32Array;
  /** First pixel, and the pixel after the last. */
  readonly start: number;
  readonly end: number;
  /** Paint for `start` at index 0, as words. */
  readonly paint: Int32Array;
  /** Coverage 0..255 by pixel of the picture; covered wholly when absent. */
  readonly coverage: Uint8Array | undefined;
}

/**
 * How paint is composited over a picture: blending with the backdrop as far as that is solid, then "source over".
 * Source of the formula: W3C "Compositing and Blending Level 1", sections 5.1 and 10.
 * @param opacity - 0..1.
 */
export function compositor(mode: BlendMode, opacity: number): (stretch: PaintedStretch) => void {
  const shares = sharesOf(opacity);
  if (mode === "normal") return (stretch) => compositeNormal(shares, stretch);
  if (isColorBlendMode(mode)) {
    const blend = colorBlends[mode];
    return (stretch) => compositeColors(blend, shares, stretch);
  }
  const table = blendTable(mode);
  return (stretch) => compositeChannels(table, shares, stretch);
}

/** How much of the picture paint replaces, 0..1, by the paint's alpha byte. */
function sharesOf(opacity: number): Float64Array {
  return Float64Array.from({ length: 256 }, (_, alpha) => (alpha / 255) * opacity);
}

function compositeNormal(shares: Float64Array, { words, start, end, paint, coverage }: PaintedStretch): void {
  for (let pixel = start, source = 0; pixel < end; pixel++, source++) {
    const over = paint[source]!;
    const under = words[pixel]!;
    const red = over & 255;
    const green = (over >>> 8) & 255;
    const blue = (over >>> 16) & 255;
    let share = shares[over >>> 24]!;
    if (coverage) share *= coverage[pixel]! / 255;
    if (under >>> 24 !== 255) {
      words[pixel] = laidOver(under, red, green, blue, share);
      continue;
    }
    const kept = 1 - share;
    words[pixel] =
      ((under & 255) * kept + red * share + 0.5) |
      0 |
      ((((under >>> 8) & 255) * kept + green * share + 0.5) << 8) |
      ((((under >>> 16) & 255) * kept + blue * share + 0.5) << 16) |
      (255 << 24);
  }
}

function compositeChannels(
  table: Float32Array,
  shares: Float64Array,
  { words, start, end, paint, coverage }: PaintedStretch,
): void {
  for (let pixel = start, source = 0; pixel < end; pixel++, source++) {
    const over = paint[source]!;
    const under = words[pixel]!;
    let share = shares[over >>> 24]!;
    if (coverage) share *= coverage[pixel]! / 255;
    const underRed = under & 255;
    const underGreen = (under >>> 8) & 255;
    const underBlue = (under >>> 16) & 255;
    const red = table[((over & 255) << 8) | underRed]!;
    const green = table[(((over >>> 8) & 255) << 8) | underGreen]!;
    const blue = table[(((over >>> 16) & 255) << 8) | underBlue]!;
    if (under >>> 24 !== 255) {
      words[pixel] = blendedOver(under, over, red, green, blue, share);
      continue;
    }
    const kept = 1 - share;
    words[pixel] =
      (underRed * kept + red * share + 0.5) |
      0 |
      ((underGreen * kept + green * share + 0.5) << 8) |
      ((underBlue * kept + blue * share + 0.5) << 16) |
      (255 << 24);
  }
}

function compositeColors(
  blend: ColorBlend,
  shares: Float64Array,
  { words, start, end, paint, coverage }: PaintedStretch,
): void {
  const blended = new Float64Array(3);
  for (let pixel = start, source = 0; pixel < end; pixel++, source++) {
    const over = paint[source]!;
    const under = words[pixel]!;
    let share = shares[over >>> 24]!;
    if (coverage) share *= coverage[pixel]! / 255;
    const underRed = under & 255;
    const underGreen = (under >>> 8) & 255;
    const underBlue = (under >>> 16) & 255;
    blendColors(
      blend,
      underRed,
      underGreen,
      underBlue,
      over & 255,
      (over >>> 8) & 255,
      (over >>> 16) & 255,
      blended,
    );
    if (under >>> 24 !== 255) {
      words[pixel] = blendedOver(under, over, blended[0]!, blended[1]!, blended[2]!, share);
      continue;
    }
    const kept = 1 - share;
    words[pixel] =
      (underRed * kept + blended[0]! * share + 0.5) |
      0 |
      ((underGreen * kept + blended[1]! * share + 0.5) << 8) |
      ((underBlue * kept + blended[2]! * share + 0.5) << 16) |
      (255 << 24);
  }
}

/** A blended colour holds as far as there is a backdrop; where that is clear, the paint itself shows. */
function blendedOver(
  under: number,
  over: number,
  red: number,
  green: number,
  blue: number,
  alpha: number,
): number {
  const backdrop = (under >>> 24) / 255;
  const plainRed = over & 255;
  const plainGreen = (over >>> 8) & 255;
  const plainBlue = (over >>> 16) & 255;
  return laidOver(
    under,
    plainRed + (red - plainRed) * backdrop,
    plainGreen + (green - plainGreen) * backdrop,
    plainBlue + (blue - plainBlue) * backdrop,
    alpha,
  );
}

/** "Source over" with straight alpha on a pixel that is not solid. */
function laidOver(under: number, red: number, green: number, blue: number, alpha: number): number {
  if (alpha === 0) return under;
  const kept = ((under >>> 24) / 255) * (1 - alpha);
  const total = alpha + kept;
  const share = alpha / total;
  const underRed = under & 255;
  const underGreen = (under >>> 8) & 255;
  const underBlue = (under >>> 16) & 255;
  return packWord(
    nearestByte(underRed + (red - underRed) * share),
    nearestByte(underGreen + (green - underGreen) * share),
    nearestByte(underBlue + (blue - underBlue) * share),
    nearestByte(total * 255),
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

/** New bytes by `paint * 256 + backdrop`. */
export type MixTable = Uint8Array;

/** What a channel mode makes of a backdrop's byte under a byte of paint, of which `1 - share` stays. */
export function mixedByte(mode: ChannelBlendMode, backdrop: number, paint: number, share: number): number {
  const blended = 255 * channelBlends[mode](backdrop / 255, paint / 255);
  return nearestByte(backdrop * (1 - share) + blended * share);
}

/** The same for every pair of bytes. */
export function mixTable(mode: ChannelBlendMode, share: number): MixTable {
  const blended = blendTable(mode);
  const table = new Uint8Array(65536);
  for (let index = 0; index < 65536; index++)
    table[index] = (index & 255) * (1 - share) + blended[index]! * share + 0.5;
  return table;
}
