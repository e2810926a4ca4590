import { type Row, wrongSessions } from "./row.js";
import { announce } from "./send.js";
import { expectProblem, limits, type SessionKind, type Site } from "./site.js";

export interface BareRowOptions {
  /** Whose session the path names, as `{session_id}`; else why it names none. */
  readonly session: SessionKind | { readonly none: string };
  /** Default 200. */
  readonly status?: number;
  /** Value of the path that is no session. */
  readonly name?: string;
}

const noBody = "it takes no body";

/** A route without a body. */
export function bareRow(
  method: "GET" | "POST" | "DELETE",
  template: string,
  { session, status = 200, name = "" }: BareRowOptions,
): Row {
  const at = (id: string) => template.replace(/\{\w+\}/, encodeURIComponent(id));
  const draft = async (site: Site) => ({
    method,
    path: at(typeof session === "string" ? await site.newSession(session) : name),
    headers: { "content-type": "text/plain" },
  });
  return {
    "missing field": "what it needs is its path; a shorter path is another address",
    "wrong type": "values of a path are text",
    "wrong session":
      typeof session === "string"
        ? async (site) => {
            const other = await site.newSession(session === "demo" ? "painter" : "demo");
            for (const id of [...wrongSessions, other])
              await expectProblem(await site.caller.fetch(method, at(id)), 404, "session_id");
          }
        : session.none,
    "expired session":
      typeof session === "string"
        ? async (site) => {
            const path = at(await site.newSession(session));
            await site.afterTheEnd(async () => {
              await expectProblem(await site.caller.fetch(method, path), 410, "session_id");
            });
          }
        : session.none,
    async "too large"(site) {
      // Nobody reads what comes along; the answer is the usual one, at once.
      const request = await draft(site);
      const answer = await announce(site, request, limits.maxFileBytes * 100, "x".repeat(50_000));
      if (answer.status !== status) throw new Error(`${answer.status}: ${await answer.text()}`);
    },
    "wrong content type": noBody,
    "aborted upload": noBody,
  };
}
