import type { ImageCodec } from "../../backend/image-codec.js";
import type { CallOptions } from "../../cancellation.js";
import { describeValue, MaskeryError } from "../../errors.js";
import type { Mask } from "../mask.js";
import { geoJsonFromMask } from "./write-geojson.js";
import { maskToPng, maskToWebp } from "./write-mask-image.js";
import { svgFromMask } from "./write-svg-path.js";

export interface MaskFileOptions extends CallOptions {
  /** PNG only. Default 8. */
  readonly bitDepth?: 1 | 8;
}

type Writer = (mask: Mask, codec: ImageCodec, options: MaskFileOptions) => Promise<Uint8Array> | string;

const writers: Readonly<Record<string, Writer>> = {
  png: maskToPng,
  webp: (mask, codec, { signal }) => maskToWebp(mask, codec, { signal }),
  svg: (mask) => svgFromMask(mask),
  json: (mask) => `${JSON.stringify(mask.toCocoRle())}\n`,
  geojson: (mask) => `${JSON.stringify(geoJsonFromMask(mask))}\n`,
};

/**
 * The bytes of a mask as the extension of a file name asks for: `.png` gray, `.webp` white with alpha, `.svg`, `.json` COCO run
 * lengths, `.geojson`.
 * @throws MaskeryError `UNSUPPORTED_FORMAT` for another extension, and as `ImageCodec.encode`.
 */
export async function maskFileBytes(
  mask: Mask,
  path: string,
  codec: ImageCodec,
  options: MaskFileOptions,
): Promise<Uint8Array> {
  const extension = /\.([^./\\]+)$/.exec(path)?.[1]?.toLowerCase() ?? "";
  const write = Object.hasOwn(writers, extension) ? writers[extension] : undefined;
  if (!write) {
    throw new MaskeryError(
      "UNSUPPORTED_FORMAT",
      `path: expected a name ending in .${Object.keys(writers).join(", .")}, received ${describeValue(path)}`,
      { field: "path" },
    );
  }
  const written = await write(mask, codec, options);
  return typeof written === "string" ? new TextEncoder().encode(written) : written;
}
