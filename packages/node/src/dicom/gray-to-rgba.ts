import type { PixelFormat } from "./pixel-format.js";
import type { DicomWindow } from "./window.js";
import { windowFunction } from "./window.js";

/** Brightness from 0 to 255: by a window or a table, or from the frame's lowest value to its highest. */
export type GrayMapping = DicomWindow | ((value: number) => number) | "range";

export interface GrayPicture {
  /** As stored. */
  readonly values: Int32Array;
  /** From a stored value to the file's units. */
  readonly toUnits: (stored: number) => number;
  /** Stored values that stand for no measurement; they do not widen a range. */
  readonly isPadding: (stored: number) => boolean;
  /** Low values are bright. */
  readonly inverted: boolean;
}

/** Takes the stored bits out of samples, with their sign. */
export function storedValues(
  samples: Uint8Array | Uint16Array,
  { bitsStored, lowBit, signed }: PixelFormat,
): Int32Array {
  const values = new Int32Array(samples.length);
  const toTop = 32 - bitsStored - lowBit;
  for (let index = 0; index < samples.length; index += 1) {
    // Shifted to the top first: what lies above the stored bits falls out, and the sign is extended on the way back.
    const top = (samples[index] as number) << toTop;
    values[index] = signed ? top >> (32 - bitsStored) : top >>> (32 - bitsStored);
  }
  return values;
}

export function grayToRgba(picture: GrayPicture, mapping: GrayMapping): Uint8Array {
  const { values, inverted } = picture;
  const shown = findShown(values);
  const brightnessOf =
    mapping === "range"
      ? rangeFunction(picture, shown)
      : typeof mapping === "function"
        ? mapping
        : windowFunction(mapping);
  // At most 65,536 different values.
  const table = new Uint8Array(shown.isThere.length);
  for (let index = 0; index < table.length; index += 1) {
    if (!shown.isThere[index]) continue;
    const brightness = Math.round(brightnessOf(picture.toUnits(shown.lowest + index)));
    table[index] = inverted ? 255 - brightness : brightness;
  }
  const data = new Uint8Array(values.length * 4);
  for (let index = 0; index < values.length; index += 1) {
    const gray = table[(values[index] as number) - shown.lowest] as number;
    data.fill(gray, index * 4, index * 4 + 3);
    data[index * 4 + 3] = 255;
  }
  return data;
}

interface ShownValues {
  readonly lowest: number;
  /** For each value from the lowest on, whether the picture has it. */
  readonly isThere: Uint8Array;
}

function findShown(values: Int32Array): ShownValues {
  let lowest = Number.POSITIVE_INFINITY;
  let highest = Number.NEGATIVE_INFINITY;
  for (const value of values) {
    if (value < lowest) lowest = value;
    if (value > highest) highest = value;
  }
  const isThere = new Uint8Array(highest - lowest + 1);
  for (const value of values) isThere[value - lowest] = 1;
  return { lowest, isThere };
}

function rangeFunction({ toUnits, isPadding }: GrayPicture, shown: ShownValues): (value: number) => number {
  let lowest = Number.POSITIVE_INFINITY;
  let highest = Number.NEGATIVE_INFINITY;
  for (const [index, isThere] of shown.isThere.entries()) {
    if (!isThere || isPadding(shown.lowest + index)) continue;
    // Every value, not the ends alone: a table may fall and rise.
    const units = toUnits(shown.lowest + index);
    if (units < lowest) lowest = units;
    if (units > highest) highest = units;
  }
  if (!(highest > lowest)) return () => 0;
  return (value) => Math.min(255, Math.max(0, ((value - lowest) / (highest - lowest)) * 255));
}
