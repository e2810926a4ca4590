import {
  checkRgbaImage,
  type GrayImage,
  type ImageEncodeOptions,
  type ImageFormat,
  invalidInput,
  isRgbaImage,
  MaskeryError,
  type RgbaImage,
} from "@maskery/core";
import type { Sharp } from "sharp";
import { loadSharp } from "./load-sharp.js";
import { encodeOneBitPng } from "./one-bit-png.js";

export const encodableFormats = [
  "png",
  "jpeg",
  "webp",
  "tiff",
  "avif",
] as const satisfies readonly ImageFormat[];
type EncodableFormat = (typeof encodableFormats)[number];

/** What each format can hold, in pixels along one side. */
const longestSide: Readonly<Record<EncodableFormat, number>> = {
  png: 2 ** 31 - 1,
  jpeg: 65_535,
  webp: 16_383,
  tiff: 2 ** 31 - 1,
  avif: 65_535,
};

const defaultQuality = 90;
/** From here on colour is kept at full resolution: at lower quality the loss hides behind coarser ones. */
const fullColourQuality = 90;

/** @throws MaskeryError `UNSUPPORTED_FORMAT`, `INVALID_INPUT`. Anything else is sharp's own. */
export async function encodeWithSharp(
  image: RgbaImage | GrayImage,
  options: ImageEncodeOptions,
): Promise<Uint8Array> {
  const format = checkFormat(options.format);
  const raster = checkRaster(image);
  const quality = checkQuality(options.quality ?? defaultQuality);
  for (const side of ["width", "height"] as const) {
    if (raster[side] > longestSide[format])
      throw invalidInput(
        `image.${side}`,
        `at most ${longestSide[format]} pixels for ${format}`,
        raster[side],
      );
  }
  if (options.bitDepth !== undefined && options.bitDepth !== 1 && options.bitDepth !== 8) {
    throw invalidInput("bitDepth", "1 or 8", options.bitDepth);
  }
  if (options.bitDepth === 1) {
    if (format !== "png" || !("gray" in raster))
      throw invalidInput("bitDepth", "8, or 1 for a gray PNG", options.bitDepth);
    return encodeOneBitPng(raster);
  }

  const sharp = await loadSharp();
  const gray = "gray" in raster;
  const { width, height } = raster;
  const pixels = sharp(gray ? raster.gray : raster.data, {
    raw: { width, height, channels: gray ? 1 : 4 },
    // The pixels are here already: there is nothing left to protect.
    limitInputPixels: false,
  });
  const buffer = await writeFormat(
    gray ? pixels.toColourspace("b-w") : pixels,
    format,
    quality,
    gray,
  ).toBuffer();
  return new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.byteLength);
}

function writeFormat(pixels: Sharp, format: EncodableFormat, quality: number, gray: boolean): Sharp {
  const chromaSubsampling = quality >= fullColourQuality ? "4:4:4" : "4:2:0";
  switch (format) {
    case "png":
      // Row filters halve the size of photographs; for masks they cost time and gain nothing.
      return pixels.png({ compressionLevel: 3, adaptiveFiltering: !gray });
    case "jpeg":
      return pixels.flatten({ background: "#ffffff" }).jpeg({ quality, chromaSubsampling });
    case "webp":
      return pixels.webp({ quality });
    case "tiff":
      return pixels.tiff({ compression: "deflate", predictor: "horizontal" });
    case "avif":
      return pixels.avif({ quality, chromaSubsampling });
  }
}

function checkFormat(format: ImageFormat): EncodableFormat {
  const found = encodableFormats.find((candidate) => candidate === format);
  if (found !== undefined) return found;
  throw new MaskeryError(
    "UNSUPPORTED_FORMAT",
    `format: expected one of ${encodableFormats.join(", ")}, received ${String(format)}`,
    {
      field: "format",
    },
  );
}

function checkRaster(image: RgbaImage | GrayImage): RgbaImage | GrayImage {
  if (isRgbaImage(image)) return checkRgbaImage(image);
  const { width, height, gray } = image ?? {};
  if (!(gray instanceof Uint8Array)) throw invalidInput("image", "an RGBA or a gray image", image);
  for (const [side, length] of [["width", width] as const, ["height", height] as const]) {
    if (!Number.isSafeInteger(length) || length < 1)
      throw invalidInput(`image.${side}`, "a positive whole number of pixels", length);
  }
  if (gray.length !== width * height)
    throw invalidInput("image.gray", `${width * height} bytes (${width} × ${height})`, gray.length);
  return image;
}

function checkQuality(quality: number): number {
  if (!Number.isInteger(quality) || quality < 1 || quality > 100)
    throw invalidInput("quality", "a whole number from 1 to 100", quality);
  return quality;
}
