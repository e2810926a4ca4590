import type { CallOptions } from "@maskery/core";

/** What is known of a stored object without reading it. */
export interface ObjectInfo {
  readonly key: string;
  readonly bytes: number;
  readonly contentType: string;
  readonly createdAt: Date;
}

export interface StoredObject extends ObjectInfo {
  /** The content in chunks, read while it is asked for. Call once; an unread object holds nothing open. */
  stream(): ReadableStream<Uint8Array>;
}

/** Keeps uploads and results: files on disk, memory, a bucket. */
export interface ObjectStore {
  readonly contractVersion: 1;
  readonly name: string;
  /**
   * Stores the whole content or nothing; an object of the same key is replaced.
   * @param key - Letters, digits, `.`, `_`, `-`; parts separated by `/`; no part begins with `.`.
   * @throws MaskeryError `INVALID_INPUT` for a key outside that alphabet, `STORAGE_FAILED`, `ABORTED`, and whatever the content throws while it is read.
   */
  put(
    key: string,
    content: Uint8Array | AsyncIterable<Uint8Array>,
    options: CallOptions & { readonly contentType: string },
  ): Promise<ObjectInfo>;
  /** @throws MaskeryError `STORAGE_FAILED`, `ABORTED`. */
  get(key: string, options?: CallOptions): Promise<StoredObject | undefined>;
  /** @returns Whether there was such an object; of callers at once, one hears so. */
  delete(key: string): Promise<boolean>;
  /** Objects whose key begins with `prefix`, oldest first. */
  list(prefix: string): Promise<ObjectInfo[]>;
  /** Frees what the store holds in this process; what it keeps on disk stays. Safe to call twice. */
  dispose(): Promise<void>;
}
