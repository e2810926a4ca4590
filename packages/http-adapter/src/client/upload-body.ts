import { invalidInput } from "@maskery/core";
import type { Sending } from "./transport.js";

/** A picture as the caller has it. A stream is sent as it is read; browsers allow that over HTTP/2 only. */
export type UploadFile = Blob | Uint8Array | ArrayBuffer | ReadableStream<Uint8Array>;

export interface UploadOptions {
  /** Name of the file. Default: a `File`'s own, else `image`. */
  readonly filename?: string;
  /**
   * Told as the connection takes the file. Browsers' `fetch` keeps that to itself: there it is told at the beginning and, once the
   * server has answered, at the end.
   */
  readonly onUploadProgress?: (progress: UploadProgress) => void;
}

/** How far an upload is. */
export interface UploadProgress {
  /** Bytes of the file that are under way. */
  readonly sentBytes: number;
  /** The file's size; undefined for a stream, which does not say. */
  readonly totalBytes: number | undefined;
}

/** Bytes of memory that are handed over at a time, so that progress has steps. */
const STEP_BYTES = 64 * 1024;

/** A multipart form with one file and text fields. */
export function uploadBody(
  file: UploadFile,
  { filename, onUploadProgress }: UploadOptions = {},
  fields: Readonly<Record<string, string>> = {},
): Pick<Sending, "body" | "headers" | "onAnswer"> {
  const name = filename ?? (typeof File !== "undefined" && file instanceof File ? file.name : "image");
  if (file instanceof ReadableStream)
    return streamedForm(counted(file, undefined, onUploadProgress), name, fields);
  const blob = blobOf(file);
  const totalBytes = blob.size;
  if (onUploadProgress && !isBrowser())
    return streamedForm(counted(steps(blob), totalBytes, onUploadProgress), name, fields);
  const form = new FormData();
  for (const [field, value] of Object.entries(fields)) form.set(field, value);
  form.set("file", blob, name);
  if (!onUploadProgress) return { body: form };
  onUploadProgress({ sentBytes: 0, totalBytes });
  return { body: form, onAnswer: () => onUploadProgress({ sentBytes: totalBytes, totalBytes }) };
}

/** Browsers send streams over HTTP/2 only, if at all. */
function isBrowser(): boolean {
  return "XMLHttpRequest" in globalThis;
}

/** The same bytes, in steps, read as they are asked for. */
function steps(blob: Blob): ReadableStream<Uint8Array> {
  let at = 0;
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      if (at >= blob.size) return controller.close();
      const step = await blob.slice(at, at + STEP_BYTES).arrayBuffer();
      at += step.byteLength;
      controller.enqueue(new Uint8Array(step));
    },
  });
}

/** The same stream, telling how much of it was taken. */
function counted(
  stream: ReadableStream<Uint8Array>,
  totalBytes: number | undefined,
  onUploadProgress: UploadOptions["onUploadProgress"],
): ReadableStream<Uint8Array> {
  if (!onUploadProgress) return stream;
  let sentBytes = 0;
  onUploadProgress({ sentBytes, totalBytes });
  return stream.pipeThrough(
    new TransformStream<Uint8Array, Uint8Array>({
      transform(chunk, controller) {
        sentBytes += chunk.byteLength;
        controller.enqueue(chunk);
        onUploadProgress({ sentBytes, totalBytes });
      },
    }),
  );
}

function blobOf(file: Exclude<UploadFile, ReadableStream>): Blob {
  if (file instanceof Blob) return file;
  if (file instanceof Uint8Array || file instanceof ArrayBuffer)
    return new Blob([file as Uint8Array<ArrayBuffer>]);
  throw invalidInput("file", "a Blob, a Uint8Array, an ArrayBuffer or a ReadableStream", file);
}

/** `FormData` holds whole files; a stream is put between the two ends of a form by hand (RFC 7578). */
function streamedForm(
  file: ReadableStream<Uint8Array>,
  filename: string,
  fields: Readonly<Record<string, string>>,
): Pick<Sending, "body" | "headers"> {
  const boundary = `maskery-${crypto.randomUUID()}`;
  const text = new TextEncoder();
  const head = Object.entries(fields).map(
    ([name, value]) =>
      `--${boundary}\r\ncontent-disposition: form-data; name="${quoted(name)}"\r\n\r\n${value}\r\n`,
  );
  head.push(
    `--${boundary}\r\ncontent-disposition: form-data; name="file"; filename="${quoted(filename)}"\r\n` +
      "content-type: application/octet-stream\r\n\r\n",
  );
  const reader = file.getReader();
  const body = new ReadableStream<Uint8Array<ArrayBuffer>>({
    start: (controller) => controller.enqueue(text.encode(head.join(""))),
    async pull(controller) {
      const { done, value } = await reader.read();
      if (!done) return controller.enqueue(value as Uint8Array<ArrayBuffer>);
      controller.enqueue(text.encode(`\r\n--${boundary}--\r\n`));
      controller.close();
    },
    cancel: (reason) => reader.cancel(reason),
  });
  return { body, headers: { "content-type": `multipart/form-data; boundary=${boundary}` } };
}

/** As the HTML standard writes names in forms. */
function quoted(name: string): string {
  return name.replaceAll("\n", "%0A").replaceAll("\r", "%0D").replaceAll('"', "%22");
}
