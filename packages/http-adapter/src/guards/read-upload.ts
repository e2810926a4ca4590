import { once } from "node:events";
import type { Readable } from "node:stream";
import { finished } from "node:stream/promises";
import { abortError, invalidInput, MaskeryError, waitUnlessAborted } from "@maskery/core";
import busboy from "busboy";
import { drainBody } from "./drain-body.js";
import { checkAnnouncedBody, tooLarge } from "./read-bounded-body.js";

/** Room for the names and headers around the file itself. */
const FORM_OVERHEAD_BYTES = 64 * 1024;
const MAX_FIELDS = 32;
const MAX_FIELD_BYTES = 64 * 1024;

/** A file while it streams in. */
export interface IncomingFile {
  /** What the client called it; never a path to use. */
  readonly filename: string | undefined;
  /** What the client says it is; content decides. */
  readonly contentType: string;
  /** The content; ends with an error when it is too large or breaks off. */
  readonly content: AsyncIterable<Uint8Array>;
}

export interface UploadForm<T> {
  readonly file: T;
  /** Other fields, by name. */
  readonly fields: ReadonlyMap<string, string>;
}

export interface ReadUploadOptions<T> {
  /** Name of the form's file. */
  readonly fileField: string;
  /** Bound on the file. */
  readonly maxFileBytes: number;
  readonly signal: AbortSignal;
  /** Takes the file in as it comes. What it returns is the form's `file`; when the form turns out broken later, `discard` gets it back. */
  readonly receive: (file: IncomingFile) => Promise<T>;
  readonly discard: (received: T) => Promise<void>;
}

/**
 * Reads a multipart form with one file, holding no more of it in memory than what is under way.
 * @throws MaskeryError `UNSUPPORTED_FORMAT` for another content type, `IMAGE_TOO_LARGE`, `INVALID_INPUT` for a form without the
 * file, with two of it, or broken off; `ABORTED`, `TIMEOUT`; and what `receive` throws.
 */
export async function readUpload<T>(request: Request, options: ReadUploadOptions<T>): Promise<UploadForm<T>> {
  const { fileField, maxFileBytes, signal } = options;
  const contentType = request.headers.get("content-type") ?? "";
  if (!/^multipart\/form-data\s*;/i.test(contentType)) {
    throw new MaskeryError(
      "UNSUPPORTED_FORMAT",
      `content-type: expected multipart/form-data with a boundary, received ${contentType === "" ? "none" : JSON.stringify(contentType.slice(0, 80))}`,
      { field: "content-type" },
    );
  }
  checkAnnouncedBody(request, maxFileBytes + FORM_OVERHEAD_BYTES);
  if (!request.body) throw invalidInput(fileField, "a file", undefined);

  const fields = new Map<string, string>();
  const received: Promise<T>[] = [];
  // The first failure ends the reading: nobody sends 50 MB to hear at the end that its first bytes were no picture.
  const stop = new AbortController();
  const fail = (error: unknown) => stop.abort(error);
  // Not at once: busboy goes on with the file it is about to lose, and would throw where nobody catches it.
  const failSoon = (error: unknown) => process.nextTick(fail, error);
  const form = createForm(contentType, maxFileBytes);
  form.on("file", (name: string | undefined, stream, info) => {
    if (name !== fileField) {
      stream.resume();
      failSoon(invalidInput(fileField, `a file of this name`, name));
      return;
    }
    // Whoever reads the content learns of its errors; where nobody does, they must not end the process.
    stream.on("error", () => undefined);
    // busboy cuts a long file short without an error.
    stream.on("limit", () => failSoon(tooLarge(maxFileBytes)));
    const content = wholeContent(stream, fileField, stop.signal);
    const work = options.receive({ filename: info.filename, contentType: info.mimeType, content });
    work.catch(fail);
    received.push(work);
  });
  form.on("field", (name: string | undefined, value, info) => {
    if (name === undefined || info.nameTruncated || info.valueTruncated)
      failSoon(invalidInput(name ?? "form", `a field of at most ${MAX_FIELD_BYTES} bytes`, "a longer one"));
    else fields.set(name, value);
  });
  for (const event of ["partsLimit", "filesLimit", "fieldsLimit"] as const)
    form.on(event, () => failSoon(invalidInput("form", `one file and at most ${MAX_FIELDS} fields`, "more")));

  // `pump` tells of errors; one that comes after it has stopped listening must not end the process.
  form.on("error", () => undefined);
  const reader = request.body.getReader();
  const ended = AbortSignal.any([signal, stop.signal]);
  await pump(reader, form, ended).catch((cause: unknown) => {
    fail(
      MaskeryError.is(cause) ? cause : invalidInput("form", "a whole multipart form", "a broken one", cause),
    );
    form.destroy();
    drainBody(reader);
  });
  const files = await Promise.allSettled(received);
  const failed = signal.aborted || stop.signal.aborted;
  if (failed)
    await Promise.allSettled(
      files.map(async (file) => file.status === "fulfilled" && options.discard(file.value as T)),
    );
  if (signal.aborted) throw abortError(signal);
  if (stop.signal.aborted) throw stop.signal.reason;
  const [file] = files;
  if (file?.status !== "fulfilled") throw invalidInput(fileField, "a file", undefined);
  return { file: file.value as T, fields };
}

/** Feeds the form as fast as it takes the body in, and waits until it has taken all. */
async function pump(
  reader: ReadableStreamDefaultReader<Uint8Array>,
  form: busboy.Busboy,
  ended: AbortSignal,
): Promise<void> {
  // Listens from the start: a form may fail on its first bytes.
  const taken = finished(form, { signal: ended });
  taken.catch(() => undefined);
  for (;;) {
    const { done, value } = await waitUnlessAborted(Promise.race([reader.read(), failure(taken)]), ended);
    if (done) break;
    if (!form.write(value)) await Promise.race([once(form, "drain", { signal: ended }), failure(taken)]);
  }
  form.end();
  await taken;
}

/** Never resolves; rejects when `work` does. */
function failure(work: Promise<void>): Promise<never> {
  return work.then(() => new Promise<never>(() => {}));
}

/** The file's chunks; ends with an error, never quietly, when the file was cut short. */
async function* wholeContent(
  stream: Readable & { truncated?: boolean },
  field: string,
  stopped: AbortSignal,
): AsyncGenerator<Uint8Array> {
  try {
    for await (const chunk of stream) yield chunk as Uint8Array;
  } catch (cause) {
    throw stopped.aborted ? stopped.reason : invalidInput(field, "a whole file", "one that broke off", cause);
  }
  if (stopped.aborted) throw stopped.reason;
}

function createForm(contentType: string, maxFileBytes: number): busboy.Busboy {
  try {
    return busboy({
      headers: { "content-type": contentType },
      limits: {
        files: 1,
        fields: MAX_FIELDS,
        parts: MAX_FIELDS + 1,
        fileSize: maxFileBytes,
        fieldSize: MAX_FIELD_BYTES,
      },
    });
  } catch (cause) {
    throw invalidInput("content-type", "multipart/form-data with a boundary", contentType, cause);
  }
}
