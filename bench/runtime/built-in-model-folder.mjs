// @ts-check
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";

export function builtInModelFolder() {
  return dirname(fileURLToPath(import.meta.resolve("@maskery/model-nano/package.json")));
}
