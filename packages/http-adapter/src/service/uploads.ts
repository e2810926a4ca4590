import { createHash, type Hash, randomUUID } from "node:crypto";
import { type ImageFormat, type ImageSize, MaskeryError, sniffImageFormat } from "@maskery/core";
import { type IncomingFile, readUpload, type UploadForm } from "../guards/read-upload.js";
import { contentTypeOf } from "../stores/content-types.js";
import { readObject } from "../stores/read-object.js";
import { withRequestFields } from "./request-fields.js";
import type { Services } from "./services.js";

/** Enough for every signature and, in practice, for every header that says a picture's size. */
const HEAD_BYTES = 512 * 1024;

const extensions: Partial<Record<ImageFormat, string>> = { jpeg: "jpg", dicom: "dcm" };

/** A picture that was taken in. */
export interface UploadedPicture extends ImageSize {
  readonly id: string;
  /** Where it lies in `objects.uploads`. */
  readonly key: string;
  readonly format: ImageFormat;
  readonly bytes: number;
  /** Lower-case hex SHA-256 of the file. */
  readonly sha256: string;
  /** What the client called it, made harmless. */
  readonly filename: string;
}

export interface UploadPictureOptions {
  /** First part of the key, usually the session's id. */
  readonly folder: string;
  readonly formats: readonly ImageFormat[];
  readonly signal: AbortSignal;
  /** Refuses a file by what the client calls it, before any of it is read. */
  readonly checkClaims?: (claims: Pick<IncomingFile, "filename" | "contentType">) => void;
}

/**
 * Takes a picture in from a multipart form, field `file`: straight into the store, checked by its content, never wholly in
 * memory.
 * @throws MaskeryError what `readUpload` throws; `UNSUPPORTED_FORMAT`, `CORRUPT_IMAGE`, `IMAGE_TOO_LARGE`, `STORAGE_FAILED`.
 */
export function uploadPicture(
  request: Request,
  services: Services,
  options: UploadPictureOptions,
): Promise<UploadForm<UploadedPicture>> {
  return readUpload(request, {
    fileField: "file",
    maxFileBytes: services.limits.maxFileBytes,
    signal: options.signal,
    receive: (file) => withRequestFields(formField, () => receivePicture(file, services, options)),
    discard: async ({ key }) => void (await services.objects.uploads.delete(key)),
  });
}

/** What the codec calls a picture, as the form does. */
function formField(codecField: string): string | undefined {
  return codecField === "image" ? "file" : undefined;
}

/** Stores a picture and finds out its size. */
export async function receivePicture(
  file: IncomingFile,
  { objects, limits, platform }: Services,
  { folder, formats, signal, checkClaims }: UploadPictureOptions,
): Promise<UploadedPicture> {
  checkClaims?.(file);
  const { codec } = await platform({ signal });
  const chunks = file.content[Symbol.asyncIterator]();
  const head = await readHead(chunks);
  const format = sniffImageFormat(head);
  if (format === undefined || !formats.includes(format)) {
    throw new MaskeryError(
      "UNSUPPORTED_FORMAT",
      `file: expected a picture as ${formats.map((name) => name.toUpperCase()).join(", ")}, received ${format?.toUpperCase() ?? (head.length === 0 ? "an empty file" : "something else")}`,
      { field: "file" },
    );
  }
  const probeOptions = { signal, limits: { maxBytes: limits.maxFileBytes, maxPixels: limits.maxPixels } };
  // Most headers come first. Where one lies further back (TIFF), the stored file is asked.
  const early = await codec.probe(head, probeOptions).catch((error: unknown) => {
    if (head.length < HEAD_BYTES || !MaskeryError.is(error) || error.code !== "CORRUPT_IMAGE") throw error;
    return undefined;
  });
  const id = randomUUID();
  const extension = extensions[format] ?? format;
  const key = `${folder}/${id}.${extension}`;
  const hash = createHash("sha256");
  const stored = await objects.uploads.put(key, rejoin(head, chunks, hash), {
    contentType: contentTypeOf(key),
    signal,
  });
  try {
    const { width, height } =
      early ?? (await codec.probe(await readObject(objects.uploads, key, { signal }), probeOptions));
    return {
      id,
      key,
      format,
      bytes: stored.bytes,
      sha256: hash.digest("hex"),
      width,
      height,
      filename: harmlessName(file.filename, extension),
    };
  } catch (error) {
    await objects.uploads.delete(key);
    throw error;
  }
}

async function readHead(chunks: AsyncIterator<Uint8Array>): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let length = 0;
  while (length < HEAD_BYTES) {
    const { done, value } = await chunks.next();
    if (done) break;
    parts.push(value);
    length += value.length;
  }
  return parts.length === 1 ? parts[0]! : Buffer.concat(parts);
}

async function* rejoin(
  head: Uint8Array,
  rest: AsyncIterator<Uint8Array>,
  hash: Hash,
): AsyncGenerator<Uint8Array> {
  hash.update(head);
  yield head;
  for (;;) {
    const { done, value } = await rest.next();
    if (done) return;
    hash.update(value);
    yield value;
  }
}

/** Characters of a name that are kept; its end, because that says what kind of file it is. */
const MAX_NAME_LENGTH = 120;

/** Keeps what a person would recognise, in any script, and nothing that could lead out of a folder or break a header. */
export function harmlessName(filename: string | undefined, extension: string): string {
  const plain = (filename ?? "")
    .split(/[/\\]/)
    .at(-1)!
    .normalize("NFC")
    // Marks belong to the letters before them; joiners and skin tones, to emoji.
    .replaceAll(/(?!\p{Emoji_Modifier}|\u200D)[^\p{L}\p{M}\p{N}\p{So} ._()-]/gu, "_")
    .replace(/^\.+/, "")
    .trim();
  // By characters, not by halves of them.
  return plain === "" ? `image.${extension}` : [...plain].slice(-MAX_NAME_LENGTH).join("");
}
