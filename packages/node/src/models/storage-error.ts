import { MaskeryError } from "@maskery/core";
import { errorCode } from "../files/error-code.js";

const reasons: Readonly<Record<string, string>> = {
  ENOSPC: "the disk is full",
  EDQUOT: "the disk quota is used up",
  EFBIG: "the file would be larger than allowed",
  EACCES: "the folder may not be written",
  EPERM: "the folder may not be written",
  EROFS: "the folder may not be written",
  ENOTDIR: "a file stands where a folder should be",
  EEXIST: "a file stands where a folder should be",
};

/** Nothing more fits: what was written so far only keeps others from writing too. */
export function isOutOfSpace(error: unknown): boolean {
  return ["ENOSPC", "EDQUOT", "EFBIG"].includes(errorCode(error) ?? "");
}

/** A failure of the file system under the model folder, as `STORAGE_FAILED`; others as they are. */
export function asStorageError(error: unknown, fileName: string, directory: string): unknown {
  const code = errorCode(error);
  if (MaskeryError.is(error) || code === undefined || !/^E[A-Z0-9]+$/.test(code)) return error;
  return new MaskeryError(
    "STORAGE_FAILED",
    `${fileName}: cannot be kept in ${directory}: ${reasons[code] ?? code}. Choose another folder with modelDirectory or ` +
      "MASKERY_MODEL_DIR.",
    { cause: error },
  );
}
