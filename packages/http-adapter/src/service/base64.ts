import { invalidInput } from "@maskery/core";

const dataUrl = /^\s*data:[\w.+-]+\/[\w.+-]+(?:;[\w.+=-]+)*;base64,/i;
const LONGEST_DATA_URL_HEAD = 256;

/** Whether a text says that it is a data URL. */
export function isDataUrl(text: string): boolean {
  return /^\s*data:/i.test(text.slice(0, LONGEST_DATA_URL_HEAD));
}

/**
 * Bytes from base64, plain or as a data URL; with line breaks, in the alphabet for URLs, with padding or without.
 * @throws MaskeryError `INVALID_INPUT` for anything else. It does not repeat the text: that may be about a person.
 */
export function dataFromText(text: string, field: string): Uint8Array {
  const came = `a text of ${text.length} characters that is none`;
  const start = isDataUrl(text) ? (dataUrl.exec(text.slice(0, LONGEST_DATA_URL_HEAD))?.[0].length ?? -1) : 0;
  if (start < 0) throw invalidInput(field, "a data URL in base64", came);
  const plain = start === 0 ? text : text.slice(start);
  // Node's decoder skips what it does not know; a damaged picture should be told at the door.
  if (plain === "" || !isBase64(plain)) throw invalidInput(field, "base64", came);
  return Buffer.from(plain, "base64");
}

/** Two looks, each linear in the text: texts come from outside and have tens of megabytes. */
function isBase64(text: string): boolean {
  const end = text.search(/[^A-Za-z0-9+/_\s-]/);
  return end < 0 || (end > 0 && /^={1,2}$/.test(text.slice(end).trimEnd()));
}
