import type { CallOptions } from "@maskery/core";
import { writeImageFile } from "../write-image-file.js";
import { STANDARD_OUTPUT } from "./output-formats.js";

/** Writes a result to a file, whole or not at all, or to standard output. @throws MaskeryError `STORAGE_FAILED`. */
export async function writeResult(path: string, bytes: Uint8Array, options: CallOptions): Promise<void> {
  if (path === STANDARD_OUTPUT) process.stdout.write(bytes);
  else await writeImageFile(path, bytes, options);
}
