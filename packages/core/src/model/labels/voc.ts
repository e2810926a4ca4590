import { type LabelSet, namesFrom } from "./label-set.js";

/** PASCAL VOC 2012: 20 classes after the background (host.robots.ox.ac.uk/pascal/VOC). */
export const vocLabels: LabelSet = {
  background: 0,
  names: namesFrom(
    "background, aeroplane, bicycle, bird, boat, bottle, bus, car, cat, chair, cow, diningtable, dog, horse, motorbike, " +
      "person, pottedplant, sheep, sofa, train, tvmonitor",
  ),
};
