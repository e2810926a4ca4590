import { describeValue, MaskeryError } from "../errors.js";
import type { ImageFormat } from "./image-format.js";

const formatByExtension: Readonly<Record<string, ImageFormat>> = {
  png: "png",
  jpg: "jpeg",
  jpeg: "jpeg",
  webp: "webp",
  tif: "tiff",
  tiff: "tiff",
  avif: "avif",
};

/**
 * The format that a file name asks for by its extension.
 * @throws MaskeryError `UNSUPPORTED_FORMAT` for an unknown extension, or for one outside `among`.
 */
export function formatFromPath(path: string, among: readonly ImageFormat[]): ImageFormat {
  const extension = /\.([^./\\]+)$/.exec(path)?.[1]?.toLowerCase();
  const format = extension === undefined ? undefined : formatByExtension[extension];
  if (format !== undefined && among.includes(format)) return format;
  const known = Object.keys(formatByExtension).filter((name) => among.includes(formatByExtension[name]!));
  throw new MaskeryError(
    "UNSUPPORTED_FORMAT",
    `path: expected a name ending in .${known.join(", .")}, received ${describeValue(path)}`,
    { field: "path" },
  );
}
