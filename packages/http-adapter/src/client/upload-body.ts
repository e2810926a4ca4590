import { invalidInput } from "@maskery/core";
import type { Sending } from "./transport.js";

/** A picture as the caller has it. A stream is sent as it is read; browsers allow that over HTTP/2 only. */
export type UploadFile = Blob | Uint8Array | ArrayBuffer | ReadableStream<Uint8Array>;

export interface UploadOptions {
  /** Name of the file. Default: a `File`'s own, else `image`. */
  readonly filename?: string;
}

/** A multipart form with one file and text fields. */
export function uploadBody(
  file: UploadFile,
  filename: string | undefined,
  fields: Readonly<Record<string, string>> = {},
): Pick<Sending, "body" | "headers"> {
  const name = filename ?? (typeof File !== "undefined" && file instanceof File ? file.name : "image");
  if (file instanceof ReadableStream) return streamedForm(file, name, fields);
  const form = new FormData();
  for (const [field, value] of Object.entries(fields)) form.set(field, value);
  form.set("file", blobOf(file), name);
  return { body: form };
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
