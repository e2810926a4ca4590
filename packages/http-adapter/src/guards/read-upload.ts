import type { Readable } from "node:stream";
import { finished } from "node:stream/promises";
import { abortError, invalidInput, MaskeryError } from "@maskery/core";
import busboy from "busboy";
import { chunkCollector } from "./chunk-collector.js";
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
  const tooLong = () => tooLarge(maxFileBytes, fileField);
  checkAnnouncedBody(request, maxFileBytes + FORM_OVERHEAD_BYTES, tooLong);
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
    stream.on("limit", () => failSoon(tooLong()));
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

  form.on("error", (cause) => failSoon(brokenForm(cause)));
  const reader = request.body.getReader();
  const ended = AbortSignal.any([signal, stop.signal]);
  await pump(reader, form, ended).catch((cause: unknown) => {
    fail(MaskeryError.is(cause) ? cause : brokenForm(cause));
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

/**
 * Feeds the form as fast as it takes the body in, and waits until it has taken all. `ended` tells of the form's own failure too.
 * It listens once for the whole upload: a promise that lasts so long, raced anew with each chunk, would keep every chunk in memory.
 */
async function pump(
  reader: ReadableStreamDefaultReader<Uint8Array>,
  form: busboy.Busboy,
  ended: AbortSignal,
): Promise<void> {
  // Listens from the start: a form may fail on its first bytes.
  const taken = finished(form, { signal: ended });
  taken.catch(() => undefined);
  let stopWaiting = () => {};
  const unlessEnded = <T>(start: (resolve: (value: T) => void, reject: (error: unknown) => void) => void) =>
    new Promise<T>((resolve, reject) => {
      stopWaiting = () => reject(abortError(ended));
      if (ended.aborted) stopWaiting();
      else start(resolve, reject);
    });
  const onEnded = () => stopWaiting();
  const collectAfter = chunkCollector();
  ended.addEventListener("abort", onEnded);
  try {
    for (;;) {
      const { done, value } = await unlessEnded<Awaited<ReturnType<typeof reader.read>>>(
        (resolve, reject) => {
          reader.read().then(resolve, reject);
        },
      );
      if (done) break;
      collectAfter(value.length);
      if (!form.write(value)) await unlessEnded<void>((resolve) => form.once("drain", () => resolve()));
    }
    form.end();
    await taken;
  } finally {
    ended.removeEventListener("abort", onEnded);
  }
}

function brokenForm(cause: unknown): MaskeryError {
  return invalidInput("form", "a whole multipart form", "a broken one", cause);
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
      // Browsers and other clients write names in UTF-8; busboy would read Latin-1.
      defParamCharset: "utf8",
      limits: {
        files: 1,
        fields: MAX_FIELDS,
        parts: MAX_FIELDS + 1,
        // busboy takes a file that reaches its bound for one that goes beyond it.
        fileSize: maxFileBytes + 1,
        fieldSize: MAX_FIELD_BYTES,
      },
    });
  } catch (cause) {
    throw invalidInput("content-type", "multipart/form-data with a boundary", contentType, cause);
  }
}
