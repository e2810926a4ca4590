import { setTimeout as delay } from "node:timers/promises";
import { abortError, MaskeryError, type ModelFile } from "@maskery/core";
import { asNetworkFailure, PassingFailure } from "./network-error.js";
import { openPartialFile, type PartialFile } from "./partial-file.js";
import { type ReceiveOptions, receive } from "./receive-file.js";
import { asStorageError, isOutOfSpace } from "./storage-error.js";

/** Attempts that bring nothing new before a download fails. */
const mostFailures = 5;

/** Attempts in all: a connection that breaks every few bytes must end one day. */
const mostAttempts = 1_000;

const firstDelayMs = 500;
const longestDelayMs = 8_000;

/** A server that asks for more patience than this is taken for one that fails. */
const longestRetryAfterMs = 120_000;

export interface DownloadOptions extends ReceiveOptions {
  /** Called when the file is whole and right, just before it is moved to its place. */
  readonly beforeMove?: (sha256: string) => Promise<void>;
  /** Scales the pauses between attempts. Default 1; tests use less. */
  readonly pauseFactor?: number;
}

/**
 * Downloads a file to its place: into a partial file, from where an earlier download of the same content stopped, checked while
 * it arrives, and moved in one step when it is right. What was received stays for the next attempt, unless it is wrong or the
 * disk is full.
 * @throws MaskeryError `MODEL_NOT_FOUND`, `MODEL_UNAVAILABLE`, `MODEL_CORRUPT`, `STORAGE_FAILED`, `ABORTED`.
 */
export async function downloadFile(
  address: URL,
  path: string,
  directory: string,
  file: ModelFile,
  options: DownloadOptions,
): Promise<void> {
  const storageError = (error: unknown) => asStorageError(error, file.name, directory);
  const partial = await openPartialFile(path, options.signal).catch((error: unknown) => {
    throw storageError(error);
  });
  try {
    await receiveRight(address, partial, file, options);
    await options.beforeMove?.(partial.sha256());
    await partial.moveTo(path);
  } catch (error) {
    const isWrong = MaskeryError.is(error) && error.code === "MODEL_CORRUPT";
    if (isWrong || isOutOfSpace(error)) await partial.discard().catch(() => undefined);
    else await partial.close().catch(() => undefined);
    throw options.signal?.aborted ? abortError(options.signal) : storageError(error);
  }
}

/** Receives everything, and once more from the beginning when bytes of an earlier download turn out to be wrong. */
async function receiveRight(
  address: URL,
  partial: PartialFile,
  file: ModelFile,
  options: DownloadOptions,
): Promise<void> {
  const hadBytes = partial.bytes > 0;
  if (file.bytes === undefined || partial.bytes !== file.bytes)
    await receiveAll(address, partial, file, options);
  if (isRight(partial, options)) return;
  if (hadBytes) {
    await partial.restart({ address: address.href });
    await receiveAll(address, partial, file, options);
    if (isRight(partial, options)) return;
  }
  throw new MaskeryError(
    "MODEL_CORRUPT",
    `${file.name}: expected SHA-256 ${options.sha256}, received ${partial.sha256()} from ${address.host}`,
  );
}

function isRight(partial: PartialFile, { sha256 }: DownloadOptions): boolean {
  return sha256 === undefined || partial.sha256() === sha256;
}

async function receiveAll(
  address: URL,
  partial: PartialFile,
  file: ModelFile,
  options: DownloadOptions,
): Promise<void> {
  let most = partial.bytes;
  let failures = 0;
  for (let attempt = 1; ; attempt += 1) {
    try {
      await receive(address, partial, file, options);
      return;
    } catch (error) {
      const failure = asNetworkFailure(error, address.host);
      if (!(failure instanceof PassingFailure)) throw failure;
      // An attempt that got further than any before is no failure of the server.
      failures = partial.bytes > most ? 1 : failures + 1;
      most = Math.max(most, partial.bytes);
      const isHopeless = (failure.retryAfterMs ?? 0) > longestRetryAfterMs;
      if (failures >= mostFailures || attempt >= mostAttempts || isHopeless) {
        throw new MaskeryError("MODEL_UNAVAILABLE", `${address.host}: ${failure.message}`, {
          cause: failure,
        });
      }
      await pause(failures, failure.retryAfterMs, options);
    }
  }
}

async function pause(
  failures: number,
  retryAfterMs: number | undefined,
  { signal, pauseFactor = 1 }: DownloadOptions,
): Promise<void> {
  const backOffMs = Math.min(longestDelayMs, firstDelayMs * 2 ** (failures - 1));
  // Many clients that failed together must not come back together.
  const jitteredMs = backOffMs * (0.5 + Math.random() / 2);
  await delay(Math.max(jitteredMs, retryAfterMs ?? 0) * pauseFactor, undefined, { signal }).catch(
    (error: unknown) => {
      throw signal?.aborted ? abortError(signal) : error;
    },
  );
}
