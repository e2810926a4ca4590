import type { ImageCodec, ImageDecodeOptions } from "../../backend/image-codec.js";
import { invalidInput } from "../../errors.js";
import { checkRgbaImage, type GrayImage, isRgbaImage, type RgbaImage } from "../../image/rgba-image.js";
import { numberBetween } from "../../number-between.js";
import { Mask } from "../mask.js";

const channels = ["auto", "luma", "red", "green", "blue", "alpha"] as const;

/** Which number of a pixel says whether it is foreground. `luma` is 0.299 red + 0.587 green + 0.114 blue. */
export type MaskChannel = (typeof channels)[number];

export interface MaskFromImageOptions {
  /** Default `auto`: alpha where any pixel is not solid, else luma. */
  readonly channel?: MaskChannel;
  /** Foreground from this value on, 0..255. Default 128. */
  readonly threshold?: number;
  /** Takes what is below the threshold instead. Default false. */
  readonly invert?: boolean;
  /** Keeps the values as the mask's soft edge. Default false. */
  readonly soft?: boolean;
}

/**
 * Reads a mask from a picture.
 * @throws MaskeryError `INVALID_INPUT` for a broken picture, an unknown channel or a threshold outside 0..255.
 */
export function maskFromImage(image: RgbaImage | GrayImage, options: MaskFromImageOptions = {}): Mask {
  const channel = options.channel ?? "auto";
  if (!channels.includes(channel)) throw invalidInput("channel", channels.join(", "), channel);
  const threshold = numberBetween("threshold", options.threshold, 128, 0, 255);
  const { width, height } = image;
  let gray = isRgbaImage(image) ? planeOf(checkRgbaImage(image), channel) : image.gray;
  if (!(gray instanceof Uint8Array) || gray.length !== width * height) {
    throw invalidInput("image.gray", `${width * height} bytes (${width} × ${height})`, gray);
  }
  let from = threshold;
  if (options.invert) {
    gray = gray.map((value) => 255 - value);
    // Below the threshold, not at it.
    from = 255 - threshold + 1e-6;
  }
  return Mask.fromBitmap(gray, width, height, {
    threshold: from,
    ...(options.soft ? { alpha: { width, height, gray } } : {}),
  });
}

/**
 * Reads a mask from an encoded picture of any format that the codec reads.
 * @throws MaskeryError as `maskFromImage` and `ImageCodec.decode`.
 */
export async function maskFromEncoded(
  bytes: Uint8Array,
  codec: ImageCodec,
  options: MaskFromImageOptions & ImageDecodeOptions = {},
): Promise<Mask> {
  const { channel, threshold, invert, soft, ...decodeOptions } = options;
  const image = await codec.decode(bytes, decodeOptions);
  return maskFromImage(image, {
    ...(channel === undefined ? {} : { channel }),
    ...(threshold === undefined ? {} : { threshold }),
    ...(invert === undefined ? {} : { invert }),
    ...(soft === undefined ? {} : { soft }),
  });
}

function planeOf({ data }: RgbaImage, channel: MaskChannel): Uint8Array {
  const used = channel === "auto" ? (isSolid(data) ? "luma" : "alpha") : channel;
  const plane = new Uint8Array(data.length / 4);
  if (used === "luma") {
    for (let pixel = 0, offset = 0; pixel < plane.length; pixel++, offset += 4) {
      plane[pixel] = (299 * data[offset]! + 587 * data[offset + 1]! + 114 * data[offset + 2]! + 500) / 1000;
    }
    return plane;
  }
  const first = { red: 0, green: 1, blue: 2, alpha: 3 }[used];
  for (let pixel = 0; pixel < plane.length; pixel++) plane[pixel] = data[pixel * 4 + first]!;
  return plane;
}

function isSolid(data: RgbaImage["data"]): boolean {
  for (let offset = 3; offset < data.length; offset += 4) if (data[offset] !== 255) return false;
  return true;
}
