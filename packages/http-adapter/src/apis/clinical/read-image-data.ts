import { type CallOptions, type ImageFormat, MaskeryError, sniffImageFormat } from "@maskery/core";
import { tooLarge } from "../../guards/read-bounded-body.js";
import { dataFromText, isDataUrl } from "../../service/base64.js";
import type { Services } from "../../service/services.js";
import { checkObjectKey } from "../../stores/object-key.js";
import { readObject } from "../../stores/read-object.js";

/** Finds a file by a reference; undefined when there is none. */
export type FileResolver = (reference: string, options: CallOptions) => Promise<Uint8Array | undefined>;

/** Shorter texts are references: no picture fits. */
const SHORTEST_PICTURE = 64;
/** Longer texts are no references. */
const LONGEST_REFERENCE = 1024;

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
  const bytes = await bytesOf(text, services, resolveFile, options);
  if (bytes.length > services.limits.maxFileBytes) throw tooLarge(services.limits.maxFileBytes, "image_data");
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

async function bytesOf(
  text: string,
  services: Services,
  resolveFile: FileResolver | undefined,
  options: CallOptions,
): Promise<Uint8Array> {
  if (isDataUrl(text)) return dataFromText(text, "image_data");
  const looksLikeBase64 = text.length >= SHORTEST_PICTURE && !/[^A-Za-z0-9+/=_\s-]/.test(text.slice(0, 200));
  if (!looksLikeBase64) return resolve(text.trim(), services, resolveFile, options);
  // A long reference may have the letters of base64 only, as hashes have; it is the host that knows.
  const named = text.length <= LONGEST_REFERENCE ? await resolveFile?.(text.trim(), options) : undefined;
  return named ?? dataFromText(text, "image_data");
}

async function resolve(
  reference: string,
  { objects }: Services,
  resolveFile: FileResolver | undefined,
  options: CallOptions,
): Promise<Uint8Array> {
  if (resolveFile) {
    const bytes = await resolveFile(reference, options);
    if (!bytes) throw unknownFile();
    return bytes;
  }
  let key: string;
  try {
    // As sessions of the other APIs show it: `uploads/…`.
    key = checkObjectKey(reference.replace(/^uploads\//, ""));
  } catch {
    // Without the cause: it repeats the reference, which may be about a person.
    throw unknownFile();
  }
  try {
    return await readObject(objects.uploads, key, options);
  } catch (error) {
    if (MaskeryError.is(error) && error.code === "NOT_FOUND") throw unknownFile();
    throw error;
  }
}

function unknownFile(): MaskeryError {
  return new MaskeryError(
    "INVALID_INPUT",
    "image_data: expected a picture in base64, or a reference to a file that this server knows",
    { field: "image_data" },
  );
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
