import {
  type ImageCodec,
  type ImageDecodeOptions,
  type ImageFormat,
  type ImageInfo,
  invalidInput,
  type RgbaImage,
  throwIfAborted,
  waitUnlessAborted,
} from "@maskery/core";
import type { Sharp } from "sharp";
import { readBmpHeader } from "./bmp/bmp-header.js";
import { decodeBmp } from "./bmp/decode-bmp.js";
import { checkImageBytes, checkPixelCount } from "./check-image-bytes.js";
import { encodableFormats, encodeWithSharp } from "./encode-with-sharp.js";
import { loadSharp } from "./load-sharp.js";
import { sharpDecodeError, sharpEncodeError } from "./sharp-failure.js";

const decodableFormats: readonly ImageFormat[] = [
  "jpeg",
  "png",
  "webp",
  "tiff",
  "gif",
  "avif",
  "bmp",
  "dicom",
];

/** A picture within the limits decodes in seconds; one that takes this long was made to take it. */
const longestDecodeSeconds = 60;

/** EXIF orientations from here on turn the picture by a quarter: width and height change places. */
const firstQuarterTurn = 5;

/**
 * Reads and writes pictures with sharp, which works on its own threads and is loaded at the first call. Bytes
 * reach it only after their signature and their size were checked; SVG never does. BMP is read by our own code, DICOM
 * by `@maskery/node/dicom`, which needs the package `dicom-parser` beside this one.
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
      if (format === "bmp") {
        const { width, height } = readBmpHeader(bytes);
        return { format, width, height, orientation: 1 };
      }
      if (format === "dicom") {
        const picture = await openDicom(bytes, options);
        const { width, height } = picture;
        const { orientation } = picture.placement(options.frame ?? 0);
        return {
          format,
          width,
          height,
          orientation: 1,
          ...(orientation && { patientOrientation: orientation }),
        };
      }
      return waitUnlessAborted(probePicture(bytes, format, maxPixels), options.signal);
    },

    async decode(bytes, options: ImageDecodeOptions = {}): Promise<RgbaImage> {
      throwIfAborted(options.signal);
      const { format, maxPixels } = checkImageBytes(bytes, decodableFormats, options.limits);
      const frame = options.frame ?? 0;
      if (!Number.isSafeInteger(frame) || frame < 0)
        throw invalidInput("frame", "a whole number from 0 on", frame);
      if (format === "dicom") {
        const picture = await openDicom(bytes, options);
        return picture.decodeFrame(frame, { signal: options.signal });
      }
      if (format === "bmp") {
        checkFrame(frame, 1);
        return decodeBmp(bytes, maxPixels, options.signal);
      }
      return waitUnlessAborted(decodePicture(bytes, maxPixels, frame), options.signal);
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

/** The code for DICOM is loaded at the first such file. */
async function openDicom(bytes: Uint8Array, { limits, signal }: ImageDecodeOptions) {
  const { readDicom } = await import("../dicom/read-dicom.js");
  return readDicom(bytes, { signal, ...(limits && { limits }) });
}

function checkFrame(frame: number, frames: number): void {
  if (frame >= frames) throw invalidInput("frame", `a whole number from 0 to ${frames - 1}`, frame);
}

async function decodePicture(bytes: Uint8Array, maxPixels: number, frame: number): Promise<RgbaImage> {
  try {
    if (frame > 0) checkFrame(frame, (await (await openPicture(bytes, maxPixels)).metadata()).pages ?? 1);
    const picture = await openPicture(bytes, maxPixels, frame);
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

async function openPicture(bytes: Uint8Array, maxPixels: number, frame = 0): Promise<Sharp> {
  const sharp = await loadSharp();
  return sharp(bytes, {
    // Truncated and broken pictures fail; harmless oddities that only deserve a warning do not.
    failOn: "error",
    limitInputPixels: Number.isSafeInteger(maxPixels) ? maxPixels : false,
    pages: 1,
    ...(frame > 0 && { page: frame }),
    autoOrient: true,
  });
}
