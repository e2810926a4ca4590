import { invalidInput } from "@maskery/core";

/** A word for both halves of a model, or one for each. */
export type HalfChoice<Word extends string> = Word | { readonly encoder?: Word; readonly decoder?: Word };

/**
 * Reads `fp16` or `encoder=fp16,decoder=fp32`; one half alone may be named.
 * @param option - For errors, such as `--precision`.
 * @param expected - What a word may be, for errors.
 * @throws MaskeryError `INVALID_INPUT` for another half, one named twice, or a word that is none.
 */
export function parseHalfChoice<Word extends string>(
  option: string,
  text: string,
  isWord: (word: string) => word is Word,
  expected: string,
): HalfChoice<Word> {
  const refuse = () => invalidInput(option, `${expected}, or encoder=…,decoder=…`, text);
  if (!text.includes("=")) {
    if (isWord(text)) return text;
    throw refuse();
  }
  const choice: { encoder?: Word; decoder?: Word } = {};
  for (const part of text.split(",")) {
    const [half, word = "", ...more] = part.trim().split("=");
    const isHalf = half === "encoder" || half === "decoder";
    if (!isHalf || !isWord(word) || more.length > 0 || choice[half] !== undefined) throw refuse();
    choice[half] = word;
  }
  return choice;
}
