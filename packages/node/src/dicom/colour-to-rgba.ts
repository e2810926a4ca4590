import type { PixelFormat } from "./pixel-format.js";
import type { RawFrame } from "./raw-frame.js";

/** Three samples a pixel, or two in YBR_FULL_422, to RGBA. */
export function colourToRgba(raw: RawFrame, format: PixelFormat): Uint8Array {
  const pixels = format.width * format.height;
  const { samples, planar, photometric } = raw;
  const toByte = byteScale(format);
  const isYbr = photometric.startsWith("YBR");
  const halved = photometric === "YBR_FULL_422";
  const data = new Uint8ClampedArray(pixels * 4);
  for (let pixel = 0; pixel < pixels; pixel += 1) {
    // Two pixels in four samples: both brightnesses, then the colour they share.
    const pair = (pixel >> 1) * 4;
    const [at, atSecond, atThird] = halved
      ? [pair + (pixel & 1), pair + 2, pair + 3]
      : planar
        ? [pixel, pixel + pixels, pixel + pixels * 2]
        : [pixel * 3, pixel * 3 + 1, pixel * 3 + 2];
    const first = toByte(samples[at] as number);
    const second = toByte(samples[atSecond] as number);
    const third = toByte(samples[atThird] as number);
    const to = pixel * 4;
    if (isYbr) {
      // The inverse of the equations in DICOM PS3.3 C.7.6.3.1.2, those of CCIR 601.
      data[to] = first + 1.402 * (third - 128);
      data[to + 1] = first - 0.344136 * (second - 128) - 0.714136 * (third - 128);
      data[to + 2] = first + 1.772 * (second - 128);
    } else {
      data[to] = first;
      data[to + 1] = second;
      data[to + 2] = third;
    }
    data[to + 3] = 255;
  }
  return new Uint8Array(data.buffer);
}

/** Samples of other depths brought to 8 bits. */
function byteScale({ bitsStored, lowBit }: PixelFormat): (sample: number) => number {
  if (bitsStored === 8 && lowBit === 0) return (sample) => sample & 255;
  const highest = 2 ** bitsStored - 1;
  return (sample) => Math.round((((sample >> lowBit) & highest) * 255) / highest);
}
