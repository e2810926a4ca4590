import { type CallOptions, type ImageFormat, MaskeryError, sniffImageFormat } from "@maskery/core";
import { tooLarge } from "../../guards/read-bounded-body.js";
import { dataFromText } from "../../service/base64.js";
import type { Services } from "../../service/services.js";
import { checkObjectKey } from "../../stores/object-key.js";
import { readObject } from "../../stores/read-object.js";

/** Finds a file by a reference; undefined when there is none. */
export type FileResolver = (reference: string, options: CallOptions) => Promise<Uint8Array | undefined>;

/** Shorter texts are references: no picture fits. */
const SHORTEST_PICTURE = 64;

/**
 * The bytes that `image_data` carries or names.
 * @throws MaskeryError `UNSUPPORTED_FORMAT` for anything but a picture of `formats`, `NOT_FOUND` for an unknown reference,
 * `INVALID_INPUT` for broken base64, `IMAGE_TOO_LARGE`.
 */
export async function readImageData(
  text: string,
  formats: readonly ImageFormat[],
  services: Services,
  resolveFile: FileResolver | undefined,
  options: CallOptions,
): Promise<Uint8Array> {
  const bytes = isReference(text)
    ? await resolve(text, services, resolveFile, options)
    : dataFromText(text, "image_data");
  if (bytes.length > services.limits.maxFileBytes) throw tooLarge(services.limits.maxFileBytes);
  const format = sniffImageFormat(bytes);
  // DICOM files without preamble carry no signature; the decoder looks closer.
  if (format === undefined ? mayBeBareDicom(bytes) : formats.includes(format)) return bytes;
  const supported = formats.map((name) => name.toUpperCase()).join(", ");
  throw new MaskeryError(
    "UNSUPPORTED_FORMAT",
    `image_data: supported formats are ${supported}; received ${format?.toUpperCase() ?? "something else"}`,
    {
      field: "image_data",
    },
  );
}

function isReference(text: string): boolean {
  if (text.startsWith("data:")) return false;
  return text.length < SHORTEST_PICTURE || /[^A-Za-z0-9+/=_\s-]/.test(text.slice(0, 200));
}

async function resolve(
  reference: string,
  { objects }: Services,
  resolveFile: FileResolver | undefined,
  options: CallOptions,
): Promise<Uint8Array> {
  const unknown = (cause?: unknown) =>
    new MaskeryError(
      "INVALID_INPUT",
      "image_data: expected a picture in base64, or a reference to a file that this server knows",
      { field: "image_data", cause },
    );
  if (resolveFile) {
    const bytes = await resolveFile(reference, options);
    if (!bytes) throw unknown();
    return bytes;
  }
  try {
    return await readObject(objects.uploads, checkObjectKey(reference), options);
  } catch (error) {
    if (MaskeryError.is(error) && (error.code === "NOT_FOUND" || error.code === "INVALID_INPUT"))
      throw unknown(error);
    throw error;
  }
}

/** Begins with a group of the file meta information or of the data set: (0002,xxxx) or (0008,xxxx), little endian. */
function mayBeBareDicom(bytes: Uint8Array): boolean {
  return bytes.length > 132 && (bytes[0] === 0x02 || bytes[0] === 0x08) && bytes[1] === 0x00;
}

/** Whether the file can hold one picture only. */
export function isSingleFrame(bytes: Uint8Array): boolean {
  const format = sniffImageFormat(bytes);
  return format === "png" || format === "jpeg";
}
