import { type Precision, type PrecisionChoice, precisions } from "@maskery/core";
import { parseHalfChoice } from "./half-choice.js";

const words: ReadonlySet<string> = new Set(["auto", ...precisions]);

/**
 * Reads `--precision fp16` or `--precision encoder=fp16,decoder=fp32`. Whether the model has it is not known here.
 * @throws MaskeryError `INVALID_INPUT`.
 */
export function parsePrecision(text: string): PrecisionChoice {
  const isWord = (word: string): word is Precision | "auto" => words.has(word);
  const choice = parseHalfChoice("--precision", text, isWord, [...words].join(", "));
  if (typeof choice === "string") return choice;
  // A half that is left to "auto" is one that is not named.
  const named: { encoder?: Precision; decoder?: Precision } = {};
  for (const half of ["encoder", "decoder"] as const) {
    const word = choice[half];
    if (word !== undefined && word !== "auto") named[half] = word;
  }
  return named;
}
