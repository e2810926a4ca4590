// Models that answer without prompts: they name what they find, or tell the subject from its background. Apart from the main
// entry, because most applications need none of it.

export { availablePrecisions } from "../choose-precision.js";
export { foregroundCatalogue } from "../foreground/catalogue.js";
export {
  type ForegroundModelSpec,
  parseForegroundModelSpec,
} from "../foreground/foreground-model-spec.js";
export {
  type PlaceForegroundModelOptions,
  placeForegroundModel,
} from "../foreground/place-foreground-model.js";
export { ade20kLabels } from "../labels/ade20k.js";
export { cityscapesLabels } from "../labels/cityscapes.js";
export {
  cocoIdLabels,
  cocoLabels,
  cocoPanopticIdLabels,
  cocoPanopticLabels,
  cocoWithBackgroundLabels,
} from "../labels/coco.js";
export { type LabelSet, labelForPeople } from "../labels/label-set.js";
export { type LabelSetName, labelSetNames } from "../labels/label-set-names.js";
export { vocLabels } from "../labels/voc.js";
export { classCatalogue } from "./catalogue.js";
export {
  type ClassFormName,
  type ClassModelSpec,
  classFormNames,
  parseClassModelSpec,
} from "./class-model-spec.js";
export { type PictureInput, pictureInputSchema } from "./picture-input.js";
export { type PlaceClassModelOptions, placeClassModel } from "./place-class-model.js";
