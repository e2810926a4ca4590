/** What a store has done since it was opened. */
export interface CacheStats {
  readonly entries: number;
  readonly bytes: number;
  readonly hits: number;
  readonly misses: number;
  /** Entries dropped to stay within the byte bound or because they expired. */
  readonly evictions: number;
  /** Calls that could not reach the medium (full disk, read-only folder, broken entry) and were answered as a miss. */
  readonly failures: number;
}

export interface CacheSetOptions {
  /** Milliseconds until the entry expires. Default: the store's own. */
  readonly timeToLiveMs?: number;
}

/**
 * Bytes by key, bounded in bytes, with expiry. A cache is a convenience: when its medium fails, `get` answers a miss and
 * `set` keeps nothing; both count a failure and neither throws. Keys are any non-empty string.
 */
export interface CacheStore {
  readonly contractVersion: 1;
  readonly name: string;
  /** @returns The bytes as they were set, the caller's to keep, or undefined. */
  get(key: string): Promise<Uint8Array | undefined>;
  /** Copies or writes `value` before it resolves. A value larger than the bound is not kept. */
  set(key: string, value: Uint8Array, options?: CacheSetOptions): Promise<void>;
  /** @returns Whether an entry was there. */
  delete(key: string): Promise<boolean>;
  clear(): Promise<void>;
  stats(): Promise<CacheStats>;
  /** Safe to call twice. Later calls of the other methods throw MaskeryError `DISPOSED`. */
  dispose(): Promise<void>;
}
