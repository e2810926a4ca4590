import type { CallOptions } from "../cancellation.js";
import type { FileLocation } from "./runtime.js";

/** One weights file as a catalogue names it. */
export interface ModelFile {
  /** File name; also the name under which external data must be found. */
  readonly name: string;
  /** Full size in bytes, where known. */
  readonly bytes?: number | undefined;
  /** Lower-case hex SHA-256, where known. */
  readonly sha256?: string | undefined;
  /** Where it can be downloaded, at a pinned revision. Absent for files that ship in a package or a folder. */
  readonly url?: string | undefined;
}

export interface ModelFetchOptions extends CallOptions {
  readonly onProgress?: (progress: {
    readonly receivedBytes: number;
    readonly totalBytes: number | undefined;
  }) => void;
}

/** Gives weights files whose content is right, from a package, a disk cache, a mirror or a hub. */
export interface ModelStore {
  readonly contractVersion: 1;
  readonly name: string;
  /**
   * @throws MaskeryError `MODEL_NOT_FOUND` when the store has no such file, `MODEL_CORRUPT` when size or hash are wrong,
   * `MODEL_UNAVAILABLE` when it cannot be reached now, `ABORTED`.
   */
  fetch(file: ModelFile, options?: ModelFetchOptions): Promise<FileLocation>;
}
