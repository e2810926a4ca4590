import { invalidInput } from "@maskery/core";

const dataUrl = /^data:[\w.+-]+\/[\w.+-]+(?:;[\w.+=-]+)*;base64,/i;
const LONGEST_DATA_URL_HEAD = 256;

/**
 * Bytes from base64, plain or as a data URL.
 * @throws MaskeryError `INVALID_INPUT` for anything else.
 */
export function dataFromText(text: string, field: string): Uint8Array {
  const start = text.startsWith("data:")
    ? (dataUrl.exec(text.slice(0, LONGEST_DATA_URL_HEAD))?.[0].length ?? -1)
    : 0;
  if (start < 0) throw invalidInput(field, "a data URL in base64", text);
  const plain = start === 0 ? text : text.slice(start);
  // Node's decoder skips what it does not know; a damaged picture should be told at the door.
  if (plain === "" || !isBase64(plain)) throw invalidInput(field, "base64", text);
  return Buffer.from(plain, "base64");
}

/** Two looks, each linear in the text: texts come from outside and have tens of megabytes. */
function isBase64(text: string): boolean {
  const end = text.search(/[^A-Za-z0-9+/_\s-]/);
  return end < 0 || (end > 0 && /^={1,2}$/.test(text.slice(end).trimEnd()));
}
