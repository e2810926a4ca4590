import {
  type ImageCodec,
  type ImageDecodeOptions,
  type ImageFormat,
  type ImageInfo,
  type RgbaImage,
  throwIfAborted,
  waitUnlessAborted,
} from "@maskery/core";
import type { Sharp } from "sharp";
import { checkImageBytes, checkPixelCount } from "./check-image-bytes.js";
import { encodableFormats, encodeWithSharp } from "./encode-with-sharp.js";
import { loadSharp } from "./load-sharp.js";
import { sharpDecodeError, sharpEncodeError } from "./sharp-failure.js";

const decodableFormats: readonly ImageFormat[] = ["jpeg", "png", "webp", "tiff", "gif", "avif"];

/** A picture within the limits decodes in seconds; one that takes this long was made to take it. */
const longestDecodeSeconds = 60;

/** EXIF orientations from here on turn the picture by a quarter: width and height change places. */
const firstQuarterTurn = 5;

/**
 * Reads and writes pictures with sharp, which works on its own threads and is loaded at the first call. Bytes
 * reach it only after their signature and their size were checked; SVG never does.
 */
export function createSharpCodec(): ImageCodec {
  return {
    contractVersion: 1,
    name: "sharp",
    decodes: decodableFormats,
    encodes: encodableFormats,

    async probe(bytes, options: ImageDecodeOptions = {}): Promise<ImageInfo> {
      throwIfAborted(options.signal);
      const { format, maxPixels } = checkImageBytes(bytes, decodableFormats, options.limits);
      return waitUnlessAborted(probePicture(bytes, format, maxPixels), options.signal);
    },

    async decode(bytes, options: ImageDecodeOptions = {}): Promise<RgbaImage> {
      throwIfAborted(options.signal);
      const { maxPixels } = checkImageBytes(bytes, decodableFormats, options.limits);
      return waitUnlessAborted(decodePicture(bytes, maxPixels), options.signal);
    },

    async encode(image, options): Promise<Uint8Array> {
      throwIfAborted(options.signal);
      const encoding = encodeWithSharp(image, options).catch((error: unknown) => {
        throw sharpEncodeError(error);
      });
      return waitUnlessAborted(encoding, options.signal);
    },
  };
}

async function probePicture(bytes: Uint8Array, format: ImageFormat, maxPixels: number): Promise<ImageInfo> {
  try {
    const metadata = await (await openPicture(bytes, maxPixels)).metadata();
    checkPixelCount(metadata, maxPixels);
    const orientation = metadata.orientation ?? 1;
    const [width, height] =
      orientation >= firstQuarterTurn ? [metadata.height, metadata.width] : [metadata.width, metadata.height];
    return { format, width, height, orientation };
  } catch (error) {
    throw sharpDecodeError(error, maxPixels);
  }
}

async function decodePicture(bytes: Uint8Array, maxPixels: number): Promise<RgbaImage> {
  try {
    const picture = await openPicture(bytes, maxPixels);
    const { space, hasProfile } = await picture.metadata();
    // Of pictures with 16 bits and a profile sharp keeps the colours of the profile, unless it is told to
    // work in sRGB.
    if (space === "rgb16" && hasProfile) picture.pipelineColourspace("srgb");
    const { data, info } = await picture
      .toColourspace("srgb")
      .ensureAlpha()
      .raw({ depth: "uchar" })
      .timeout({ seconds: longestDecodeSeconds })
      .toBuffer({ resolveWithObject: true });
    return {
      width: info.width,
      height: info.height,
      data: new Uint8Array(data.buffer, data.byteOffset, data.byteLength),
    };
  } catch (error) {
    throw sharpDecodeError(error, maxPixels);
  }
}

async function openPicture(bytes: Uint8Array, maxPixels: number): Promise<Sharp> {
  const sharp = await loadSharp();
  return sharp(bytes, {
    // Truncated and broken pictures fail; harmless oddities that only deserve a warning do not.
    failOn: "error",
    limitInputPixels: Number.isSafeInteger(maxPixels) ? maxPixels : false,
    pages: 1,
    autoOrient: true,
  });
}
