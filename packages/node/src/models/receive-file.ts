import { MaskeryError, type ModelFetchOptions, type ModelFile } from "@maskery/core";
import type { HttpClient, HttpResponse } from "./http-client.js";
import { PassingFailure } from "./network-error.js";
import type { PartialFile } from "./partial-file.js";

/** Bound on files whose size nobody stated. The largest known model has 2.5 GB of weights. */
const mostBytes = 16 * 1024 ** 3;

export interface ReceiveOptions extends ModelFetchOptions {
  readonly client: HttpClient;
  /** SHA-256 that the content must have: the catalogue's, or that of an earlier download. */
  readonly sha256: string | undefined;
  /** Called before every write; what it throws ends the download and keeps what there is. */
  readonly beforeWrite?: () => Promise<void>;
}

/**
 * One request: from where the partial file ends if that is possible, else from the beginning.
 * @throws PassingFailure where another attempt may help; MaskeryError `MODEL_NOT_FOUND`, `MODEL_UNAVAILABLE`, `MODEL_CORRUPT`.
 */
export async function receive(
  address: URL,
  partial: PartialFile,
  file: ModelFile,
  options: ReceiveOptions,
): Promise<void> {
  const { client, signal, sha256 } = options;
  const etag = partial.origin?.address === address.href ? partial.origin.etag : undefined;
  // Without a tag only the hash tells whether the pieces belong together.
  const canResume = partial.bytes > 0 && (etag !== undefined || sha256 !== undefined);
  const headers = canResume
    ? { range: `bytes=${partial.bytes}-`, ...(etag !== undefined && { "if-range": etag }) }
    : {};
  const response = await client.get(address, headers, signal);
  try {
    const totalBytes = await beginReceiving(response, address, partial, file, canResume, etag);
    await receiveBody(response, partial, file, totalBytes, options);
  } finally {
    response.drop();
  }
}

/** Looks at the answer and makes the partial file fit it. @returns Size of the whole file, where it is known. */
async function beginReceiving(
  response: HttpResponse,
  address: URL,
  partial: PartialFile,
  file: ModelFile,
  askedForRest: boolean,
  etag: string | undefined,
): Promise<number | undefined> {
  const newEtag = strongTag(response.header("etag"));
  const restart = () => partial.restart({ address: address.href, etag: newEtag });
  if (response.status === 200) {
    await restart();
    return checkTotal(wholeNumber(response.header("content-length")), file, address);
  }
  if (response.status === 206 && askedForRest) {
    const range = /^bytes (\d+)-(\d+)\/(\d+|\*)$/.exec(response.header("content-range")?.trim() ?? "");
    const fits =
      range && Number(range[1]) === partial.bytes && (etag === undefined || newEtag === etag || !newEtag);
    if (fits) return checkTotal(wholeNumber(range[3]), file, address);
  }
  if (response.status === 206 || response.status === 416) {
    await restart();
    throw new PassingFailure(`the server did not continue where the download had stopped`, undefined);
  }
  throw refusal(response, address, file);
}

function checkTotal(totalBytes: number | undefined, file: ModelFile, address: URL): number | undefined {
  if (totalBytes === undefined) return file.bytes;
  if (file.bytes !== undefined && totalBytes !== file.bytes) {
    throw new MaskeryError(
      "MODEL_CORRUPT",
      `${file.name}: expected ${file.bytes} bytes, ${address.host} has ${totalBytes}`,
    );
  }
  if (totalBytes > mostBytes) {
    throw new MaskeryError(
      "MODEL_UNAVAILABLE",
      `${file.name}: ${totalBytes} bytes are more than a download may have (${mostBytes})`,
    );
  }
  return totalBytes;
}

async function receiveBody(
  response: HttpResponse,
  partial: PartialFile,
  file: ModelFile,
  totalBytes: number | undefined,
  { onProgress, beforeWrite }: ReceiveOptions,
): Promise<void> {
  onProgress?.({ receivedBytes: partial.bytes, totalBytes });
  for await (const chunk of response.chunks) {
    if (partial.bytes + chunk.byteLength > (totalBytes ?? mostBytes)) {
      throw new MaskeryError(
        "MODEL_CORRUPT",
        `${file.name}: expected ${totalBytes ?? `at most ${mostBytes}`} bytes, received more`,
      );
    }
    await beforeWrite?.();
    await partial.append(chunk);
    onProgress?.({ receivedBytes: partial.bytes, totalBytes });
  }
  if (totalBytes !== undefined && partial.bytes < totalBytes) {
    throw new PassingFailure(`the answer ended after ${partial.bytes} of ${totalBytes} bytes`, undefined);
  }
}

function refusal(response: HttpResponse, address: URL, file: ModelFile): Error {
  const { status } = response;
  const where = `${address.host} answers ${status}`;
  if (status === 404 || status === 410)
    return new MaskeryError("MODEL_NOT_FOUND", `${file.name}: ${where}: no such file`);
  if (status === 401 || status === 403) {
    return new MaskeryError(
      "MODEL_UNAVAILABLE",
      `${file.name}: ${where}: the file is not public. For gated repositories of the Hugging Face hub accept the terms there ` +
        "and set HF_TOKEN.",
    );
  }
  if (status === 408 || status === 425 || status === 429 || status >= 500)
    return new PassingFailure(`it answers ${status}`, retryAfterMs(response.header("retry-after")));
  return new MaskeryError("MODEL_UNAVAILABLE", `${file.name}: ${where}`);
}

/** Seconds, or a date. */
function retryAfterMs(value: string | undefined): number | undefined {
  if (value === undefined) return undefined;
  const seconds = wholeNumber(value.trim());
  if (seconds !== undefined) return seconds * 1000;
  const date = Date.parse(value);
  return Number.isNaN(date) ? undefined : Math.max(0, date - Date.now());
}

/** A weak tag says that two answers mean the same, not that they are the same bytes. */
function strongTag(value: string | undefined): string | undefined {
  return value !== undefined && /^"[^"]*"$/.test(value) ? value : undefined;
}

function wholeNumber(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : undefined;
}
