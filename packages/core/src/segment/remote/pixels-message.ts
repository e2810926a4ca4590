import { z } from "zod";
import { checkRgbaImage, type ImageSize, type RgbaImage } from "../../image/rgba-image.js";
import { schemaError } from "../../schema-error.js";
import { readBinaryMessage, writeBinaryMessage } from "./binary-message.js";

const KIND = "pixels";
const sideSchema = z.number().int().positive();
const sizeSchema = z.object({ width: sideSchema, height: sideSchema });

/** Pixels as they are, `[height, width, 4]`: no time for packing, four bytes a pixel. */
export function writePixels({ width, height, data }: RgbaImage): Uint8Array<ArrayBuffer> {
  const pixels = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  return writeBinaryMessage({ kind: KIND, content: { width, height }, sections: [pixels] });
}

/**
 * @param checkSize - Called with the stated size before anything else is looked at.
 * @throws MaskeryError `INVALID_INPUT` for anything but such a message with all its pixels.
 */
export function readPixels(bytes: Uint8Array, checkSize: (size: ImageSize) => void): RgbaImage {
  const { content, sections } = readBinaryMessage(bytes, KIND, "image");
  const parsed = sizeSchema.safeParse(content);
  if (!parsed.success) throw schemaError(parsed.error, content, "image");
  checkSize(parsed.data);
  return checkRgbaImage({ ...parsed.data, data: sections[0] ?? new Uint8Array() });
}
