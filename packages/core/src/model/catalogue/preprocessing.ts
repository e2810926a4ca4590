import type { ModelSpec } from "../model-spec.js";

type Preprocessing = ModelSpec["image"];

/** Constants of ImageNet on the scale 0..255, as SAM states them (facebookresearch/segment-anything: build_sam.py). */
const imagenet = {
  mean: [123.675, 116.28, 103.53],
  std: [58.395, 57.12, 57.375],
} satisfies Pick<Preprocessing, "mean" | "std">;

/** SAM and its smaller relatives: longest side to 1024, zeros on the right and at the bottom. */
export const samImage: Preprocessing = { size: 1024, resize: "letterbox", ...imagenet };

/** SAM2: both sides to 1024. */
export const sam2Image: Preprocessing = { size: 1024, resize: "stretch", ...imagenet };

/** SAM3 (huggingface/transformers: models/sam3/image_processing_sam3.py). */
export const sam3Image: Preprocessing = {
  size: 1008,
  resize: "stretch",
  mean: [127.5, 127.5, 127.5],
  std: [127.5, 127.5, 127.5],
};
