import type { CallOptions } from "../cancellation.js";
import type { ImageCodec } from "./image-codec.js";

/** What a picture or a mask needs to become a file: given by the platform package, carried by results. */
export interface ImageOutput {
  readonly codec: ImageCodec;
  /**
   * Writes a whole file or nothing. Absent where there is no file system.
   * @throws MaskeryError `STORAGE_FAILED`.
   */
  readonly writeFile?: (path: string, bytes: Uint8Array, options?: CallOptions) => Promise<void>;
}

/** The few things that differ between Node and browsers, handed to core by the platform package. */
export interface Platform extends ImageOutput {
  /** Lower-case hex SHA-256 over the parts in order. */
  sha256(parts: readonly Uint8Array[]): Promise<string>;
  /**
   * Reads a picture that was named rather than handed over: a path, a `file:` or `data:` URL.
   * @throws MaskeryError `NOT_FOUND`, `INVALID_INPUT`, `IMAGE_TOO_LARGE` beyond `maxBytes`, `ABORTED`.
   */
  readImage(
    reference: string | { readonly href: string },
    options: CallOptions & { readonly maxBytes: number },
  ): Promise<Uint8Array>;
  /** Monotonic milliseconds, for timings. */
  now(): number;
}
