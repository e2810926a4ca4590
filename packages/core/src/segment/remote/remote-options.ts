import { invalidInput } from "../../errors.js";
import { numberBetween, wholeNumberBetween } from "../../number-between.js";
import type { EmbeddingPrecision } from "../embedding-format.js";

/** Header fields, or what gives them anew for each attempt: tokens expire. */
export type RemoteHeaders =
  | Readonly<Record<string, string>>
  | (() => Readonly<Record<string, string>> | Promise<Readonly<Record<string, string>>>);

/** How to reach half a model on another machine. */
export interface RemoteOptions {
  /** Where the placement is mounted: `…/health`, `…/encode` and `…/decode` are asked below it. http or https. */
  readonly url: string;
  /** Sent with every request, for example `{ authorization: "Bearer …" }`. */
  readonly headers?: RemoteHeaders;
  /** Milliseconds for one attempt, from the connection to the last byte. Default 60 000. */
  readonly timeoutMs?: number;
  /** Attempts after the first one, when the server cannot be reached, is busy or fails. 0 to 10, default 2. */
  readonly retries?: number;
  /**
   * How numbers travel: the encoder's embedding, the decoder's planes. Default `"float32"`, exact; `"float16"` is half the
   * bytes.
   */
  readonly precision?: EmbeddingPrecision;
  /**
   * How pictures travel to the encoder. Default `"png"`: no loss and fewer bytes; `"pixels"`: four bytes a pixel without the
   * time for packing, for fast networks.
   */
  readonly pictureFormat?: "png" | "pixels";
  /** The model that must be there, by its fingerprint. Default: whichever is there when the connection is made. */
  readonly modelFingerprint?: string;
}

export interface ResolvedRemoteOptions extends Required<Omit<RemoteOptions, "modelFingerprint" | "url">> {
  readonly url: URL;
  readonly modelFingerprint: string | undefined;
}

/** @throws MaskeryError `INVALID_INPUT` naming the option at fault. */
export function resolveRemoteOptions(options: RemoteOptions, name: string): ResolvedRemoteOptions {
  if (typeof options !== "object" || options === null)
    throw invalidInput(name, "an object with a url", options);
  const { headers = {}, precision = "float32", pictureFormat = "png" } = options;
  if (typeof headers !== "function" && (typeof headers !== "object" || headers === null))
    throw invalidInput(`${name}.headers`, "header fields, or a function that gives them", headers);
  if (precision !== "float32" && precision !== "float16")
    throw invalidInput(`${name}.precision`, '"float32" or "float16"', precision);
  if (pictureFormat !== "png" && pictureFormat !== "pixels")
    throw invalidInput(`${name}.pictureFormat`, '"png" or "pixels"', pictureFormat);
  return {
    url: resolveUrl(options.url, `${name}.url`),
    headers,
    timeoutMs: numberBetween(`${name}.timeoutMs`, options.timeoutMs, 60_000, 1, 2_147_483_647),
    retries: wholeNumberBetween(`${name}.retries`, options.retries, 2, 0, 10),
    precision,
    pictureFormat,
    modelFingerprint: options.modelFingerprint,
  };
}

function resolveUrl(value: unknown, field: string): URL {
  let url: URL | undefined;
  try {
    if (typeof value === "string") url = new URL(value);
  } catch {
    // Told below.
  }
  if (!url || !/^https?:$/.test(url.protocol)) throw invalidInput(field, "an http or https address", value);
  if (url.username !== "" || url.password !== "")
    // The value is not shown: it holds a secret.
    throw invalidInput(field, "an address without user and password, which belong into headers", "both");
  return url;
}
