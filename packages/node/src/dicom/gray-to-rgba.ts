import type { FrameAttributes } from "./frame-attributes.js";
import type { PixelFormat } from "./pixel-format.js";
import { type DicomWindow, windowFunction } from "./window.js";

const transformGroup = "x00289145";

export interface Rescale {
  readonly slope: number;
  readonly intercept: number;
}

/** What turns stored values into the file's units, for CT Hounsfield. */
export function readRescale(attributes: FrameAttributes): Rescale {
  return {
    slope: attributes.numbers(transformGroup, "x00281053")?.[0] || 1,
    intercept: attributes.numbers(transformGroup, "x00281052")?.[0] ?? 0,
  };
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

/**
 * Applies rescale and window.
 * @param padding - A stored value that stands for no measurement; it does not widen a window that is taken from the range.
 */
export function grayToRgba(
  values: Int32Array,
  { slope, intercept }: Rescale,
  window: DicomWindow | undefined,
  inverted: boolean,
  padding: number | undefined,
): Uint8Array {
  let lowest = Number.POSITIVE_INFINITY;
  let highest = Number.NEGATIVE_INFINITY;
  let lowestMeasured = Number.POSITIVE_INFINITY;
  let highestMeasured = Number.NEGATIVE_INFINITY;
  for (const value of values) {
    if (value < lowest) lowest = value;
    if (value > highest) highest = value;
    if (value === padding) continue;
    if (value < lowestMeasured) lowestMeasured = value;
    if (value > highestMeasured) highestMeasured = value;
  }
  const ends = [lowestMeasured, highestMeasured].map((value) => value * slope + intercept);
  const brightnessOf = window ? windowFunction(window) : rangeFunction(Math.min(...ends), Math.max(...ends));
  // At most 65,536 different values.
  const table = new Uint8Array(highest - lowest + 1);
  for (let index = 0; index < table.length; index += 1) {
    const brightness = Math.round(brightnessOf((lowest + index) * slope + intercept));
    table[index] = inverted ? 255 - brightness : brightness;
  }
  const data = new Uint8Array(values.length * 4);
  for (let index = 0; index < values.length; index += 1) {
    const gray = table[(values[index] as number) - lowest] as number;
    data.fill(gray, index * 4, index * 4 + 3);
    data[index * 4 + 3] = 255;
  }
  return data;
}

function rangeFunction(lowest: number, highest: number): (value: number) => number {
  if (!(highest > lowest)) return () => 0;
  return (value) => Math.min(255, Math.max(0, ((value - lowest) / (highest - lowest)) * 255));
}
