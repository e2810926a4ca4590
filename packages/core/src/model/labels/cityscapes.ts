import { type LabelSet, namesFrom } from "./label-set.js";

/** The 19 classes on which Cityscapes is evaluated, by their train id (mcordts/cityscapesScripts: helpers/labels.py). */
export const cityscapesLabels: LabelSet = {
  names: namesFrom(
    "road, sidewalk, building, wall, fence, pole, traffic light, traffic sign, vegetation, terrain, sky, person, rider, car, " +
      "truck, bus, train, motorcycle, bicycle",
  ),
};
