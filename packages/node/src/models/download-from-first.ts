import { MaskeryError, type ModelFile } from "@maskery/core";
import { type DownloadOptions, downloadFile } from "./download-file.js";

/** Failures that another address may not have, the most telling first. */
const elsewhereCodes: readonly MaskeryError["code"][] = [
  "MODEL_CORRUPT",
  "MODEL_UNAVAILABLE",
  "MODEL_NOT_FOUND",
];

/** Tries one address after the other. The failures that say most about the file win: wrong before unreachable before absent. */
export async function downloadFromFirst(
  addresses: readonly URL[],
  path: string,
  directory: string,
  file: ModelFile,
  options: DownloadOptions,
): Promise<void> {
  const failures: MaskeryError[] = [];
  for (const address of addresses) {
    try {
      await downloadFile(address, path, directory, file, options);
      return;
    } catch (error) {
      if (!MaskeryError.is(error) || !elsewhereCodes.includes(error.code)) throw error;
      failures.push(error);
    }
  }
  const code = elsewhereCodes.find((candidate) => failures.some((failure) => failure.code === candidate))!;
  const [first, ...others] = failures;
  if (others.length === 0) throw first;
  throw new MaskeryError(code, failures.map(({ message }) => message).join("; "), {
    cause: failures.find((failure) => failure.code === code),
  });
}
