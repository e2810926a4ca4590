import { type CallOptions, throwIfAborted } from "../../cancellation.js";
import type { GrayImage, ImageSize } from "../../image/rgba-image.js";
import { pause } from "../../pause.js";
import { type PlaneMapping, type PlanePositions, planePositions } from "../classes/plane-mapping.js";

const PIXELS_PER_SLICE = 500_000;

/** Shares 0..1 on a plane as alpha 0..255 at the picture's size: bilinear, half-pixel centres. */
export async function alphaAtPictureSize(
  plane: { readonly data: Float32Array; readonly width: number; readonly height: number },
  mapping: PlaneMapping,
  { width, height }: ImageSize,
  options: CallOptions = {},
): Promise<GrayImage> {
  const columns = planePositions(0, width, mapping.scaleX, mapping.offsetX, plane.width);
  const rows = planePositions(0, height, mapping.scaleY, mapping.offsetY, plane.height);
  const gray = new Uint8Array(width * height);
  const blend = new Float64Array(plane.width + 1);
  const rowsPerSlice = Math.max(1, Math.floor(PIXELS_PER_SLICE / width));
  for (let y = 0; y < height; y++) {
    if (y > 0 && y % rowsPerSlice === 0) {
      await pause();
      throwIfAborted(options.signal);
    }
    const upper = rows.before[y]! * plane.width;
    const lower = Math.min(plane.height - 1, rows.before[y]! + 1) * plane.width;
    blendRows(plane, upper, lower, rows.fraction[y]!, blend);
    writeRow(gray, y * width, blend, columns);
  }
  return { width, height, gray };
}

function blendRows(
  { data, width }: { readonly data: Float32Array; readonly width: number },
  upper: number,
  lower: number,
  weight: number,
  blend: Float64Array,
): void {
  for (let x = 0; x < width; x++) {
    const above = data[upper + x]!;
    blend[x] = above + (data[lower + x]! - above) * weight;
  }
  // The right neighbour of the last column; its weight is 0.
  blend[width] = blend[width - 1]!;
}

function writeRow(
  gray: Uint8Array,
  start: number,
  blend: Float64Array,
  { before, fraction }: PlanePositions,
): void {
  for (let x = 0; x < before.length; x++) {
    const left = blend[before[x]!]!;
    gray[start + x] = (left + (blend[before[x]! + 1]! - left) * fraction[x]!) * 255 + 0.5;
  }
}
