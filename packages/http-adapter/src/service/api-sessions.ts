import { randomUUID } from "node:crypto";
import { MaskeryError } from "@maskery/core";
import type { z } from "zod";
import type { Json, SessionRecord } from "../stores/session-store.js";
import type { Services } from "./services.js";

/** A session with the data of its API. */
export interface ApiSession<T> extends Omit<SessionRecord, "data"> {
  readonly data: T;
}

const sessionId = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** After its end a session answers `EXPIRED` for this long, then `NOT_FOUND`. */
const REMEMBER_EXPIRED_MS = 24 * 60 * 60 * 1000;

export interface ApiSessionsOptions<S extends z.ZodType> {
  readonly api: string;
  readonly lifetimeMs: number;
  /** What the API keeps; a stored record that does not fit counts as none. */
  readonly schema: S;
  /** Removes the session's files when it ends. */
  readonly discard: (session: ApiSession<z.output<S>>, services: Services) => Promise<void>;
}

/** The sessions of one API: typed, with an end, and with the files that belong to them. */
export class ApiSessions<S extends z.ZodType> {
  readonly #options: ApiSessionsOptions<S>;
  /** Ended sessions whose files are gone already, while their records are remembered. */
  readonly #swept = new Set<string>();
  #revision = 0;

  constructor(options: ApiSessionsOptions<S>) {
    this.#options = options;
  }

  /** Grows with every change that this process makes. */
  get revision(): number {
    return this.#revision;
  }

  async create(
    services: Services,
    data: z.input<S>,
    id: string = randomUUID(),
  ): Promise<ApiSession<z.output<S>>> {
    const createdAt = services.now();
    const record: SessionRecord = {
      id,
      api: this.#options.api,
      createdAt,
      expiresAt: new Date(createdAt.getTime() + this.#options.lifetimeMs),
      data: data as Json,
    };
    await services.sessions.create(record);
    this.#revision++;
    return { ...record, data: this.#options.schema.parse(data) };
  }

  /** @throws MaskeryError `NOT_FOUND` for an unknown id, `EXPIRED` for one past its end. */
  async get(services: Services, id: string): Promise<ApiSession<z.output<S>>> {
    // Whatever is no id of ours names no session; stores need not look at it.
    const record = sessionId.test(id) ? await services.sessions.get(this.#options.api, id) : undefined;
    const session = record && this.#read(record);
    if (!session) throw unknownSession();
    if (session.expiresAt <= services.now()) throw endedSession();
    return session;
  }

  /**
   * Changes the session's data; changes of one session come one after the other.
   * @throws MaskeryError as `get`.
   */
  async update(
    services: Services,
    id: string,
    change: (data: z.output<S>) => z.input<S>,
  ): Promise<ApiSession<z.output<S>>> {
    await this.get(services, id);
    const record = await services.sessions.update(this.#options.api, id, (stored) => ({
      data: change(this.#options.schema.parse(stored.data)) as Json,
    }));
    this.#revision++;
    const session = record && this.#read(record);
    if (!session) throw unknownSession();
    return session;
  }

  /**
   * Ends a session and removes its files.
   * @throws MaskeryError as `get`.
   */
  async delete(services: Services, id: string): Promise<void> {
    const session = await this.get(services, id);
    if (!(await services.sessions.delete(this.#options.api, id))) throw unknownSession();
    this.#revision++;
    await this.#options.discard(session, services);
  }

  /** Whether a session is there and has not ended. */
  async has(services: Services, id: string): Promise<boolean> {
    const record = await services.sessions.get(this.#options.api, id);
    return record !== undefined && record.expiresAt > services.now();
  }

  /** Sessions that have not ended, oldest first. */
  async list(services: Services): Promise<ApiSession<z.output<S>>[]> {
    const now = services.now();
    const records = await services.sessions.list(this.#options.api);
    return records.flatMap((record) => {
      const session = record.expiresAt > now ? this.#read(record) : undefined;
      return session ? [session] : [];
    });
  }

  /** Removes the files of sessions past their end, and in time their records. */
  async sweep(services: Services): Promise<void> {
    const now = services.now().getTime();
    for (const record of await services.sessions.list(this.#options.api)) {
      if (record.expiresAt.getTime() > now) continue;
      const session = this.#read(record);
      if (session && !this.#swept.has(record.id)) {
        await this.#options.discard(session, services);
        this.#swept.add(record.id);
      }
      if (record.expiresAt.getTime() + REMEMBER_EXPIRED_MS <= now || !session) {
        await services.sessions.delete(this.#options.api, record.id);
        this.#swept.delete(record.id);
      }
    }
  }

  #read(record: SessionRecord): ApiSession<z.output<S>> | undefined {
    const parsed = this.#options.schema.safeParse(record.data);
    return parsed.success ? { ...record, data: parsed.data } : undefined;
  }
}

function endedSession(): MaskeryError {
  return new MaskeryError("EXPIRED", "session_id: this session has ended.", { field: "session_id" });
}

function unknownSession(): MaskeryError {
  return new MaskeryError("NOT_FOUND", "session_id: there is no such session.", { field: "session_id" });
}
