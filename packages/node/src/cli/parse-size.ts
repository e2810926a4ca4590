import { type ImageSize, invalidInput } from "@maskery/core";

/** Reads `640x480`. @throws MaskeryError `INVALID_INPUT` naming the option. */
export function parseSize(option: string, text: string | undefined): ImageSize | undefined {
  if (text === undefined) return undefined;
  const match = /^([1-9]\d{0,5})[x×]([1-9]\d{0,5})$/i.exec(text.trim());
  if (!match) throw invalidInput(option, "width x height in pixels, such as 640x480", text);
  return { width: Number(match[1]), height: Number(match[2]) };
}
