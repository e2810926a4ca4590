import { realpath } from "node:fs/promises";
import { type CallOptions, defaultImageLimits, invalidInput, type Platform } from "@maskery/core";
import { STANDARD_OUTPUT } from "./output-formats.js";

/** The picture that a command works on, as it was read. */
export interface SourcePicture {
  readonly path: string;
  readonly bytes: Uint8Array;
}

/**
 * Reads a picture and checks its header, before a model is loaded for it: a wrong path should not cost a second.
 * @throws MaskeryError `NOT_FOUND`, `UNSUPPORTED_FORMAT`, `CORRUPT_IMAGE`, `IMAGE_TOO_LARGE`.
 */
export async function readSourcePicture(
  path: string,
  platform: Platform,
  options: CallOptions,
): Promise<SourcePicture> {
  const bytes = await platform.readImage(path, { ...options, maxBytes: defaultImageLimits.maxBytes });
  await platform.codec.probe(bytes, options);
  return { path, bytes };
}

/** @throws MaskeryError `INVALID_INPUT` when an output has the name of an input, which it would destroy. */
export async function refuseToOverwrite(inputs: readonly string[], out: string): Promise<void> {
  if (out === STANDARD_OUTPUT) return;
  const resolve = (path: string) => realpath(path).catch(() => undefined);
  const target = await resolve(out);
  if (target === undefined) return;
  for (const input of inputs) {
    if ((await resolve(input)) === target)
      throw invalidInput("--out", "another file than the input itself", out);
  }
}
