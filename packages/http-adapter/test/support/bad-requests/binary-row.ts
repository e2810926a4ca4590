import type { Row } from "./row.js";
import { announce, giveUp, inChunks } from "./send.js";
import { expectProblem, limits } from "./site.js";

const none = { session: "it knows no sessions: pictures and embeddings come with the request" } as const;

/** A route that takes bytes of its own media type. */
/** @param nonsense - What bytes that are none of it are answered with. */
export function binaryRow(path: string, contentType: string, nonsense: number): Row {
  const draft = { method: "POST", path, headers: { "content-type": contentType } };
  return {
    async "missing field"(site) {
      await expectProblem(await site.caller.fetch("POST", path, { headers: draft.headers }), 400, /./);
    },
    async "wrong type"(site) {
      const body = Buffer.from("no message at all, whatever its type says");
      const answer = await site.caller.fetch("POST", path, { headers: draft.headers, body });
      await expectProblem(answer, nonsense, /./);
    },
    "wrong session": none.session,
    "expired session": none.session,
    async "too large"(site) {
      await expectProblem(await announce(site, draft, limits.maxFileBytes + 1), 413, "body");
      const chunks = Array.from({ length: 8 }, () => new Uint8Array(limits.maxFileBytes / 6));
      await expectProblem(await inChunks(site, draft, chunks), 413, "body");
    },
    async "wrong content type"(site) {
      const answer = await site.caller.fetch("POST", path, {
        headers: { "content-type": "application/json" },
        body: "{}",
      });
      await expectProblem(answer, 415, "content-type");
    },
    async "aborted upload"(site) {
      await giveUp(site, draft, Buffer.alloc(1_000));
    },
  };
}
