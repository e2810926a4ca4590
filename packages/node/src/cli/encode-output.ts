import { basename } from "node:path";
import { type CallOptions, type ImageCodec, Mask } from "@maskery/core";
import type { OutputPlan } from "./output-formats.js";
import { cutOut, overlay } from "./pictures.js";
import type { Segmentation } from "./segmentation.js";

/** The picture that was segmented, as it was read. */
export interface SourcePicture {
  readonly path: string;
  readonly bytes: Uint8Array;
}

/** The bytes of the file that the plan asks for. */
export async function encodeOutput(
  plan: OutputPlan,
  found: Segmentation,
  source: SourcePicture,
  codec: ImageCodec,
  options: CallOptions,
): Promise<Uint8Array> {
  const masks = found.masks.map(({ mask }) => mask);
  switch (plan.format) {
    case "mask":
      return codec.encode(Mask.merge(found.best).toGrayImage(), { ...options, format: plan.encoding });
    case "cutout":
      return codec.encode(cutOut(await codec.decode(source.bytes, options), Mask.merge(found.best)), {
        ...options,
        format: plan.encoding,
      });
    case "overlay":
      return codec.encode(overlay(await codec.decode(source.bytes, options), masks), {
        ...options,
        format: plan.encoding,
      });
    case "rle": {
      const [first, ...others] = masks.map((mask) => mask.toCocoRle());
      return jsonBytes(others.length === 0 ? first : [first, ...others]);
    }
    case "coco":
      return jsonBytes(cocoDataset(found, source.path));
  }
}

/** One picture and its masks in the COCO object detection format; segmentations are compressed run lengths. */
function cocoDataset({ image, model, masks }: Segmentation, path: string): object {
  const { width, height } = image;
  return {
    info: { description: `Masks by Maskery, model ${model}` },
    images: [{ id: 1, file_name: basename(path), width, height }],
    categories: [{ id: 1, name: "object" }],
    annotations: masks.map(({ mask }, index) => ({
      id: index + 1,
      image_id: 1,
      category_id: 1,
      segmentation: mask.toCocoRle(),
      area: mask.area,
      bbox: [mask.bbox.x, mask.bbox.y, mask.bbox.width, mask.bbox.height],
      iscrowd: 0,
      score: Number((mask.score ?? 0).toFixed(6)),
    })),
  };
}

function jsonBytes(value: unknown): Uint8Array {
  return new TextEncoder().encode(`${JSON.stringify(value)}\n`);
}
