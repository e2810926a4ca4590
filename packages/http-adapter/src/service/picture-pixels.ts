import type { CallOptions, RgbaImage } from "@maskery/core";
import { readObject } from "../stores/read-object.js";
import type { Services } from "./services.js";

/**
 * The pixels of an uploaded picture, as displayed. No model takes part, so painting and downloads go on while it is away.
 * @throws MaskeryError `NOT_FOUND` when the file is gone; what the codec throws.
 */
export async function readPixels(
  { objects, platform, limits }: Pick<Services, "objects" | "platform" | "limits">,
  uploadKey: string,
  { signal }: CallOptions,
): Promise<RgbaImage> {
  const { codec } = await platform({ signal });
  const bytes = await readObject(objects.uploads, uploadKey, { signal });
  return codec.decode(bytes, {
    signal,
    limits: { maxBytes: limits.maxFileBytes, maxPixels: limits.maxPixels },
  });
}
