import { MaskeryError } from "@maskery/core";
import type { IncomingFile } from "../../guards/read-upload.js";

const endings = ["jpg", "jpeg", "jpe", "jfif", "png", "bmp", "dib", "tif", "tiff"];
/** What a client says that does not know; a part without a type counts as text. */
const noClaim = ["application/octet-stream", "binary/octet-stream", "text/plain", ""];

/**
 * The document's validation of extension and content type. Neither proves anything, so the content is looked at as well; a
 * file that does not even claim to be such a picture is refused before it is read.
 * @throws MaskeryError `UNSUPPORTED_FORMAT`.
 */
export function checkClaims({
  filename = "",
  contentType,
}: Pick<IncomingFile, "filename" | "contentType">): void {
  const ending = /\.([A-Za-z][A-Za-z0-9]*)\s*$/.exec(filename)?.[1]?.toLowerCase();
  if (ending !== undefined && !endings.includes(ending))
    throw refused(`a name that ends in .jpg, .jpeg, .png, .bmp, .tif or .tiff`, `.${ending.slice(0, 20)}`);
  const type = contentType.toLowerCase();
  if (!noClaim.includes(type) && !type.startsWith("image/"))
    throw refused("an image type", type.slice(0, 60));
}

function refused(expected: string, received: string): MaskeryError {
  return new MaskeryError("UNSUPPORTED_FORMAT", `file: expected ${expected}, received ${received}`, {
    field: "file",
  });
}
