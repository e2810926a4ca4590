import type { Photometric, PixelFormat } from "./pixel-format.js";

/** A frame out of its coding: samples as stored, in machine words. */
export interface RawFrame {
  readonly samples: Uint8Array | Uint16Array;
  readonly planar: boolean;
  readonly photometric: Photometric;
}

/** Bytes of 8- or 16-bit samples as numbers, whatever their alignment. */
export function samplesFromBytes(
  bytes: Uint8Array,
  bitsPerSample: number,
  bigEndian = false,
): Uint8Array | Uint16Array {
  if (bitsPerSample <= 8) return bytes;
  const samples = new Uint16Array(bytes.length >> 1);
  const [low, high] = bigEndian ? [1, 0] : [0, 1];
  for (let index = 0; index < samples.length; index += 1)
    samples[index] = (bytes[index * 2 + low] as number) | ((bytes[index * 2 + high] as number) << 8);
  return samples;
}

export function sampleCount({ width, height, samplesPerPixel }: PixelFormat): number {
  return width * height * samplesPerPixel;
}

/** Once decoded, every pixel has its own colour. */
export function withFullColour(photometric: Photometric): Photometric {
  return photometric === "YBR_FULL_422" ? "YBR_FULL" : photometric;
}
