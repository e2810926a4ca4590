import type { CallOptions } from "@maskery/core";

/** Any value that JSON can carry. */
export type Json =
  | null
  | boolean
  | number
  | string
  | readonly Json[]
  | { readonly [name: string]: Json | undefined };

/** One session of one API, as it is stored. */
export interface SessionRecord {
  readonly id: string;
  /** The API that it belongs to: `demo`, `painter`. Ids of one API are unknown to the others. */
  readonly api: string;
  readonly createdAt: Date;
  readonly expiresAt: Date;
  /** What the API keeps; each API checks it against its own schema when reading. */
  readonly data: Json;
}

/** Keeps sessions with an end. */
export interface SessionStore {
  readonly contractVersion: 1;
  readonly name: string;
  /**
   * @throws MaskeryError `CONFLICT` for an id that is taken, `INVALID_INPUT` for an id or API that is more than letters, digits, `.`, `_` and
   * `-`, `STORAGE_FAILED`.
   */
  create(record: SessionRecord): Promise<void>;
  /** @returns The record also when it is past its end and not yet swept, so that an expired session can be told from an unknown one. */
  get(api: string, id: string, options?: CallOptions): Promise<SessionRecord | undefined>;
  /**
   * Changes a record. Changes of one session happen one after the other: `change` sees what the one before left.
   * @returns The changed record; undefined when there is none.
   */
  update(
    api: string,
    id: string,
    change: (
      record: SessionRecord,
    ) => Pick<SessionRecord, "data"> & Partial<Pick<SessionRecord, "expiresAt">>,
  ): Promise<SessionRecord | undefined>;
  /** @returns Whether there was such a session. */
  delete(api: string, id: string): Promise<boolean>;
  /** Records of one API, oldest first. */
  list(api: string): Promise<SessionRecord[]>;
  /** Safe to call twice. */
  dispose(): Promise<void>;
}
