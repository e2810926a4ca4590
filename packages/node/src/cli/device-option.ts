import type { DeviceChoice } from "@maskery/core";
import { parseHalfChoice } from "./half-choice.js";

/**
 * Reads `--device cuda` or `--device encoder=cuda,decoder=cpu`. Whether this machine has it is not known here.
 * @throws MaskeryError `INVALID_INPUT`.
 */
export function parseDevice(text: string): DeviceChoice {
  const isWord = (word: string): word is string => /^[\w-]+$/.test(word);
  return parseHalfChoice("--device", text, isWord, "auto, a device such as cpu or cuda");
}
