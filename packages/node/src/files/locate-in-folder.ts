import { isAbsolute, join, relative, resolve } from "node:path";
import { invalidInput } from "@maskery/core";

/**
 * The path of a file by its name below a folder.
 * @throws MaskeryError `INVALID_INPUT` for a name that leads out of it, or to the folder itself.
 */
export function locateInFolder(folder: string, name: string): string {
  const root = resolve(folder);
  const path = typeof name === "string" && name !== "" && !name.includes("\0") ? join(root, name) : root;
  const inside = relative(root, path);
  if (inside === "" || inside.startsWith("..") || isAbsolute(inside)) {
    throw invalidInput("file.name", "the name of a file inside the model's folder", name);
  }
  return path;
}
