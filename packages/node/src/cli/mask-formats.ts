import { basename, extname } from "node:path";
import {
  type CallOptions,
  CocoDataset,
  geoJsonFromMask,
  gzipMask,
  type ImageCodec,
  invalidInput,
  labelMapFromMasks,
  labelMapImage,
  type Mask,
  maskToPng,
  maskToWebp,
  svgFromMask,
  yoloFromMasks,
} from "@maskery/core";
import { STANDARD_OUTPUT } from "./output-formats.js";

/** What a file of masks can be written as. */
export const maskFormats = [
  "png",
  "png1",
  "webp",
  "svg",
  "geojson",
  "rle",
  "coco",
  "yolo",
  "labels",
  "packed",
] as const;

export type MaskFormat = (typeof maskFormats)[number];

export interface MaskOutputPlan {
  readonly path: string;
  readonly format: MaskFormat;
}

export interface EncodeMasksOptions extends CallOptions {
  /** How far simplified outlines may lie from the mask, in pixels. Default: outlines are exact. */
  readonly tolerancePixels?: number | undefined;
  /** File name of the picture, for datasets. */
  readonly imageName: string;
}

const extensionsByFormat: Record<MaskFormat, readonly string[]> = {
  png: [".png"],
  png1: [".png"],
  webp: [".webp"],
  svg: [".svg"],
  geojson: [".geojson", ".json"],
  rle: [".json"],
  coco: [".json"],
  yolo: [".txt"],
  labels: [".png"],
  packed: [".gz"],
};

/** Formats that hold several masks; the others hold one. */
const listFormats: ReadonlySet<MaskFormat> = new Set<MaskFormat>(["rle", "coco", "yolo", "labels"]);

const formatByExtension: Readonly<Record<string, MaskFormat>> = {
  ".png": "png",
  ".webp": "webp",
  ".svg": "svg",
  ".geojson": "geojson",
  ".json": "rle",
  ".txt": "yolo",
  ".gz": "packed",
};

/** @throws MaskeryError `INVALID_INPUT` for an unknown format or extension, and for two that clash. */
export function planMaskOutput(out: string | undefined, format: string | undefined): MaskOutputPlan {
  if (format !== undefined && !isMaskFormat(format))
    throw invalidInput("--format", maskFormats.join(", "), format);
  if (out === undefined) throw invalidInput("--out", "a file to write to", "none");
  if (out === STANDARD_OUTPUT) {
    if (format === undefined) throw invalidInput("--format", "a format for --out -", "none");
    return { path: out, format };
  }
  const extension = extname(out).toLowerCase();
  const chosen = format ?? formatByExtension[extension];
  if (chosen === undefined) {
    throw invalidInput("--out", `a name ending in ${Object.keys(formatByExtension).join(", ")}`, out);
  }
  if (!extensionsByFormat[chosen].includes(extension)) {
    throw invalidInput(
      "--out",
      `a name ending in ${extensionsByFormat[chosen].join(", ")} for the format ${chosen}`,
      out,
    );
  }
  return { path: out, format: chosen };
}

/** @throws MaskeryError `INVALID_INPUT` for several masks in a format that holds one, or of different sizes in one file. */
export async function encodeMasks(
  masks: readonly Mask[],
  format: MaskFormat,
  codec: ImageCodec,
  options: EncodeMasksOptions,
): Promise<Uint8Array> {
  const [first] = masks as [Mask, ...Mask[]];
  if (masks.length > 1 && !listFormats.has(format)) {
    throw invalidInput(
      "--format",
      `${[...listFormats].join(", ")} for ${masks.length} masks ("maskery mask combine" makes one of them)`,
      format,
    );
  }
  const outline = options.tolerancePixels === undefined ? {} : { tolerancePixels: options.tolerancePixels };
  const { signal } = options;
  switch (format) {
    case "png":
      return maskToPng(first, codec, { signal, soft: true });
    case "png1":
      return maskToPng(first, codec, { signal, bitDepth: 1 });
    case "webp":
      return maskToWebp(first, codec, { signal });
    case "svg":
      return textBytes(svgFromMask(first, outline));
    case "geojson":
      return textBytes(JSON.stringify(geoJsonFromMask(first, outline)));
    case "rle": {
      const runs = masks.map((mask) => mask.toCocoRle());
      return textBytes(JSON.stringify(runs.length === 1 ? runs[0] : runs));
    }
    case "coco":
      return textBytes(JSON.stringify(datasetOf(masks, options.imageName, outline)));
    case "yolo":
      return textBytes(
        yoloFromMasks(
          masks.map((mask) => ({ classIndex: 0, mask })),
          outline,
        ).trimEnd(),
      );
    case "labels":
      return codec.encode(labelMapImage(labelMapFromMasks(masks)), { signal, format: "png" });
    case "packed":
      return gzipMask(first, { signal });
  }
}

function datasetOf(
  masks: readonly Mask[],
  imageName: string,
  segmentation: { readonly tolerancePixels?: number },
): CocoDataset {
  const [{ width, height }] = masks as [Mask, ...Mask[]];
  const dataset = new CocoDataset({ description: "Masks by Maskery" });
  const categoryId = dataset.addCategory("object");
  const imageId = dataset.addImage({ fileName: basename(imageName), width, height });
  for (const mask of masks) {
    dataset.addMask({
      imageId,
      categoryId,
      mask,
      segmentation,
      ...(mask.score !== undefined && { score: mask.score }),
    });
  }
  return dataset;
}

function isMaskFormat(text: string): text is MaskFormat {
  return (maskFormats as readonly string[]).includes(text);
}

const textBytes = (text: string): Uint8Array => new TextEncoder().encode(`${text}\n`);
