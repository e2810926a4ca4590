import {
  type CallOptions,
  invalidInput,
  type Mask,
  maskFromImage,
  type Platform,
  type RgbaImage,
} from "@maskery/core";
import { dataFromText } from "../../service/base64.js";
import type { PainterData } from "./painter-sessions.js";

/** Passed masks that are decoded at once: each is as large as the picture while it is looked at. */
export const PASSED_MASKS_AT_ONCE = 4;

/**
 * Reads a mask that the client passed: white inside, or solid inside; 1 inside where nothing is above 1.
 * @throws MaskeryError `INVALID_INPUT` for no base64, no picture, or another size than the session's picture.
 */
export async function passedMask(
  text: string,
  { width, height }: Pick<PainterData, "width" | "height">,
  { codec }: Pick<Platform, "codec">,
  field: string,
  { signal }: CallOptions,
): Promise<Mask> {
  const bytes = dataFromText(text, field);
  const noPicture = (cause: unknown) =>
    signal?.aborted
      ? cause
      : invalidInput(field, "a PNG in base64", `${bytes.length} bytes that are none`, cause);
  // The header first: a small file may claim to be a huge picture.
  const size = await codec
    .probe(bytes, { signal, limits: { maxPixels: Number.MAX_SAFE_INTEGER } })
    .catch((cause) => {
      throw noPicture(cause);
    });
  if (size.width !== width || size.height !== height)
    throw invalidInput(field, `a mask of ${width} × ${height}`, `${size.width} × ${size.height}`);
  const image = await codec
    .decode(bytes, { signal, limits: { maxPixels: width * height } })
    .catch((cause) => {
      throw noPicture(cause);
    });
  const mask = maskFromImage(image);
  // Arrays of 0 and 1 become such pictures; taken for shades of gray they would all be black.
  return mask.isEmpty && brightest(image) === 1
    ? maskFromImage(image, { channel: "luma", threshold: 1 })
    : mask;
}

/** The largest colour value of any pixel. */
function brightest({ data }: RgbaImage): number {
  let highest = 0;
  for (let offset = 0; offset < data.length; offset += 4)
    highest = Math.max(highest, data[offset]!, data[offset + 1]!, data[offset + 2]!);
  return highest;
}
