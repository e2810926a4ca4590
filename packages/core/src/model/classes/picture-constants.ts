import type { PictureInput } from "./picture-input.js";

/** Constants of ImageNet on the scale 0..255. */
export const imagenet = {
  mean: [123.675, 116.28, 103.53],
  std: [58.395, 57.12, 57.375],
} satisfies Pick<PictureInput, "mean" | "std">;

/** Mean a half, deviation one, on the scale 0..255: IS-Net and RMBG 1.4. */
export const halfAndOne = {
  mean: [127.5, 127.5, 127.5],
  std: [255, 255, 255],
} satisfies Pick<PictureInput, "mean" | "std">;

/** Both sides to the same length, ratio lost. */
export const stretchTo = (side: number) => ({ rule: "stretch" as const, width: side, height: side });
