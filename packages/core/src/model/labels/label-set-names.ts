/** Label sets that the SDK knows, for `labels` in the description of a class model. */
export const labelSetNames = [
  "voc",
  "coco",
  "coco-background",
  "coco-ids",
  "coco-panoptic",
  "coco-panoptic-ids",
  "ade20k",
  "cityscapes",
] as const;

export type LabelSetName = (typeof labelSetNames)[number];
