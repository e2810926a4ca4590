import { createRequire } from "node:module";
import { dirname } from "node:path";

/** Id of the model that ships with the package and works offline. */
export const BUILT_IN_MODEL = "nano";

/** Where the built-in model's files lie: a package of its own, so that others can leave it out of a bundle. */
export function builtInModelFolder(): string {
  return dirname(createRequire(import.meta.url).resolve("@maskery/model-nano/maskery.json"));
}
