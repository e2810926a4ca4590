import { corruptDicom } from "./dicom-failure.js";
import type { PixelFormat } from "./pixel-format.js";

const headerBytes = 64;
const mostSegments = 15;

/**
 * Unpacks a frame of RLE Lossless (DICOM PS3.5 annex G): one segment of PackBits for each byte of a sample, highest
 * byte first, sample after sample. The result is planar, little endian.
 * @throws MaskeryError `CORRUPT_IMAGE`.
 */
export function unpackRunLength(bytes: Uint8Array, format: PixelFormat): Uint8Array {
  const { width, height, samplesPerPixel, bitsAllocated } = format;
  if (bytes.length < headerBytes) throw corruptDicom("expected an RLE header, found the end of the frame");
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const bytesPerSample = bitsAllocated / 8;
  const segments = view.getUint32(0, true);
  if (segments > mostSegments || segments !== samplesPerPixel * bytesPerSample)
    throw corruptDicom(`expected ${samplesPerPixel * bytesPerSample} RLE segments, received ${segments}`);
  const pixels = width * height;
  // The shortest coding is two bytes for 128.
  if (bytes.length * 64 < pixels * segments)
    throw corruptDicom(`expected ${pixels} pixels of RLE, found ${bytes.length} bytes`);
  const data = new Uint8Array(pixels * segments);
  for (let segment = 0; segment < segments; segment += 1) {
    const start = view.getUint32(4 + segment * 4, true);
    const end = segment + 1 < segments ? view.getUint32(8 + segment * 4, true) : bytes.length;
    if (start < headerBytes || end < start || end > bytes.length)
      throw corruptDicom(`expected RLE segment ${segment} within the frame, received ${start} to ${end}`);
    const sample = Math.floor(segment / bytesPerSample);
    const byteOfSample = bytesPerSample - 1 - (segment % bytesPerSample);
    const target = sample * pixels * bytesPerSample + byteOfSample;
    unpackSegment(bytes.subarray(start, end), data, target, bytesPerSample, pixels);
  }
  return data;
}

function unpackSegment(
  bytes: Uint8Array,
  data: Uint8Array,
  target: number,
  step: number,
  pixels: number,
): void {
  let pixel = 0;
  let offset = 0;
  while (pixel < pixels) {
    const control = bytes[offset];
    if (control === undefined)
      throw corruptDicom(`expected ${pixels} pixels in an RLE segment, found ${pixel}`);
    offset += 1;
    if (control === 128) continue;
    const isRun = control > 128;
    const length = isRun ? 257 - control : control + 1;
    if (offset + (isRun ? 1 : length) > bytes.length)
      throw corruptDicom(`expected ${pixels} pixels in an RLE segment, found its end at ${pixel}`);
    for (let index = 0; index < length && pixel < pixels; index += 1, pixel += 1)
      data[target + pixel * step] = bytes[isRun ? offset : offset + index] as number;
    offset += isRun ? 1 : length;
  }
}
