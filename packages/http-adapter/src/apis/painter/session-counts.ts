import type { Services } from "../../service/services.js";
import type { PainterSessions } from "./painter-sessions.js";

/** How long a count stands where this process changed nothing: another one may share the store, and sessions end. */
const STANDS_MS = 1_000;

export interface Counts {
  readonly sessions: number;
  readonly sessionsWithMasks: number;
  readonly masks: number;
}

/** Counts sessions and their masks, but not anew for every health check: a count reads all of them. */
export class SessionCounts {
  readonly #sessions: PainterSessions;
  #last: { readonly revision: number; readonly at: number; readonly counts: Promise<Counts> } | undefined;

  constructor(sessions: PainterSessions) {
    this.#sessions = sessions;
  }

  async read(services: Services): Promise<Counts> {
    const { revision } = this.#sessions;
    const at = services.now().getTime();
    const last = this.#last;
    if (last && last.revision === revision && at >= last.at && at - last.at < STANDS_MS) return last.counts;
    const counts = this.#count(services);
    const current = { revision, at, counts };
    this.#last = current;
    counts.catch(() => {
      if (this.#last === current) this.#last = undefined;
    });
    return counts;
  }

  async #count(services: Services): Promise<Counts> {
    const all = await this.#sessions.list(services);
    const counts = all.map(({ data }) => Object.keys(data.masks).length);
    return {
      sessions: all.length,
      sessionsWithMasks: counts.filter((count) => count > 0).length,
      masks: counts.reduce((sum, count) => sum + count, 0),
    };
  }
}
