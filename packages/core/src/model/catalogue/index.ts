import type { ModelSpec } from "../model-spec.js";
import { samModels } from "./sam.js";
import { samRelatives } from "./sam-relatives.js";
import { sam2HubExports } from "./sam2-hub.js";
import { sam2Relatives } from "./sam2-relatives.js";
import { sam2SingleFiles } from "./sam2-single-files.js";

/**
 * Public models that the SDK knows by name, each at a pinned revision. A file without a hash is one whose hash nobody has
 * published: stores note it at the first download and hold later ones to it.
 */
export const catalogue: readonly ModelSpec[] = [
  ...samModels,
  ...samRelatives,
  ...sam2HubExports,
  ...sam2SingleFiles,
  ...sam2Relatives,
];

/** Other names of models in the catalogue. */
export const catalogueAliases: Readonly<Record<string, string>> = {
  vit_b: "sam-vit-b",
  vit_l: "sam-vit-l",
  vit_h: "sam-vit-h",
  sam: "sam-vit-b",
  mobilesam: "mobile-sam",
  mobile_sam: "mobile-sam",
  slimsam: "slimsam-77",
  "slimsam-77-uniform": "slimsam-77",
  "slimsam-50-uniform": "slimsam-50",
  efficientsam: "efficientsam-ti",
  "edgesam-3x": "edgesam",
  "efficientvit-sam": "efficientvit-sam-l0",
  "sam2-hiera-tiny": "sam2-tiny",
  "sam2-hiera-small": "sam2-small",
  "sam2-hiera-base-plus": "sam2-base-plus",
  "sam2-hiera-large": "sam2-large",
  sam2: "sam2.1-tiny",
  "sam2.1": "sam2.1-tiny",
  "sam2.1-hiera-tiny": "sam2.1-tiny",
  "sam2.1-hiera-small": "sam2.1-small",
  "sam2.1-hiera-base-plus": "sam2.1-base-plus",
  "sam2.1-hiera-large": "sam2.1-large",
  sam3: "sam3-tracker",
};

/** The model of that name in the catalogue, by id or alias. */
export function findCatalogueModel(name: string): ModelSpec | undefined {
  const id = Object.hasOwn(catalogueAliases, name) ? catalogueAliases[name] : name;
  return catalogue.find((model) => model.id === id);
}
