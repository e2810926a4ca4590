import { ade20kLabels } from "./ade20k.js";
import { cityscapesLabels } from "./cityscapes.js";
import {
  cocoIdLabels,
  cocoLabels,
  cocoPanopticIdLabels,
  cocoPanopticLabels,
  cocoWithBackgroundLabels,
} from "./coco.js";
import type { LabelSet } from "./label-set.js";
import type { LabelSetName } from "./label-set-names.js";
import { vocLabels } from "./voc.js";

const labelSets: Readonly<Record<LabelSetName, LabelSet>> = {
  voc: vocLabels,
  coco: cocoLabels,
  "coco-background": cocoWithBackgroundLabels,
  "coco-ids": cocoIdLabels,
  "coco-panoptic": cocoPanopticLabels,
  "coco-panoptic-ids": cocoPanopticIdLabels,
  ade20k: ade20kLabels,
  cityscapes: cityscapesLabels,
};

/** The label set of that name. */
export function findLabels(name: LabelSetName): LabelSet {
  return labelSets[name];
}
