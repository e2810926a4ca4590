import { request as httpRequest } from "node:http";
import { expect } from "vitest";
import type { Site } from "./site.js";

export interface Draft {
  readonly method: string;
  /** Inside the mount. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
}

/**
 * Says that a large body comes, sends its beginning, and waits for the answer with the rest unsent.
 * @returns The answer, held against the document.
 */
export async function announce(site: Site, draft: Draft, bytes: number, start = "x"): Promise<Response> {
  const answer = await new Promise<Response>((resolve, reject) => {
    const sending = httpRequest(
      `${site.host.url}${draft.path}`,
      { method: draft.method, headers: { ...draft.headers, "content-length": bytes }, agent: false },
      (incoming) => {
        const chunks: Buffer[] = [];
        incoming.on("data", (chunk: Buffer) => chunks.push(chunk));
        incoming.on("end", () => {
          const headers = new Headers();
          for (const [name, value] of Object.entries(incoming.headers)) headers.set(name, String(value));
          resolve(new Response(Buffer.concat(chunks), { status: incoming.statusCode!, headers }));
          sending.destroy();
        });
        incoming.on("error", reject);
      },
    );
    sending.on("error", reject);
    sending.write(start);
  });
  if (site.caller.answers.describes(draft.path))
    await site.caller.answers.check(draft.method, draft.path, answer);
  return answer;
}

/** Sends a body in chunks, without saying how long it will be. */
export function inChunks(
  site: Site,
  draft: Draft,
  chunks: readonly (string | Uint8Array)[],
): Promise<Response> {
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      for (const chunk of chunks) controller.enqueue(Buffer.from(chunk));
      controller.close();
    },
  });
  return site.caller.fetch(draft.method, draft.path, {
    headers: draft.headers,
    body,
    duplex: "half",
  } as RequestInit);
}

/** Sends a body in two parts, the second when `until` says so. */
export function inTwoParts(
  site: Site,
  draft: Draft,
  first: Uint8Array,
  until: () => Promise<void>,
  second: string,
): Promise<Response> {
  const body = new ReadableStream<Uint8Array>({
    async start(controller) {
      controller.enqueue(first);
      await until();
      controller.enqueue(Buffer.from(second));
      controller.close();
    },
  });
  return site.caller.fetch(draft.method, draft.path, {
    headers: draft.headers,
    body,
    duplex: "half",
  } as RequestInit);
}

/** Sends the beginning of a body and leaves. The API must notice, and end the request. */
export async function giveUp(site: Site, draft: Draft, start: string | Uint8Array): Promise<void> {
  const { calls } = site;
  const answered = calls.statuses.length;
  const sending = httpRequest(`${site.host.url}${draft.path}`, {
    method: draft.method,
    headers: { ...draft.headers, "content-length": limits.wholeBody },
    agent: false,
  });
  sending.on("error", () => undefined);
  sending.write(start);
  await expect.poll(calls.underWay).toBe(1);
  sending.destroy();
  await expect.poll(calls.underWay).toBe(0);
  // Nobody hears it; the log and the metrics of the host do.
  expect(calls.statuses.slice(answered)).toEqual([499]);
}

/** Longer than what is sent of it, and within every bound. */
const limits = { wholeBody: 7_000 } as const;
