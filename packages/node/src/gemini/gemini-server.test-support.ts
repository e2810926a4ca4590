import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

/** A request as the service got it. */
export interface GeminiRequest {
  readonly path: string;
  readonly key: string | undefined;
  readonly body: {
    readonly contents: readonly {
      readonly parts: readonly { text?: string; inlineData?: { mimeType: string; data: string } }[];
    }[];
    readonly safetySettings?: readonly object[];
  };
}

/** One scripted answer. */
export type GeminiReply =
  | { readonly text: string }
  | { readonly blocked: string }
  | { readonly status: number; readonly headers?: Record<string, string> }
  | { readonly raw: string }
  | "silence";

/** Speaks the REST protocol of `models/{model}:generateContent` on a real socket, by script. The last reply repeats. */
export async function startGeminiServer(replies: readonly GeminiReply[]) {
  const requests: GeminiRequest[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const key = request.headers["x-goog-api-key"];
    requests.push({
      path: request.url ?? "",
      key: typeof key === "string" ? key : undefined,
      body: JSON.parse(Buffer.concat(chunks).toString("utf8")),
    });
    const reply = replies[Math.min(requests.length, replies.length) - 1]!;
    if (reply === "silence") return;
    const json = (status: number, value: object, headers: Record<string, string> = {}) => {
      response.writeHead(status, { "content-type": "application/json", ...headers });
      response.end(JSON.stringify(value));
    };
    if ("text" in reply) {
      json(200, {
        candidates: [
          { content: { role: "model", parts: [{ text: reply.text }] }, finishReason: "STOP", index: 0 },
        ],
      });
    } else if ("blocked" in reply) {
      json(200, { promptFeedback: { blockReason: reply.blocked } });
    } else if ("raw" in reply) {
      response.writeHead(200, { "content-type": "application/json" });
      response.end(reply.raw);
    } else {
      json(
        reply.status,
        { error: { code: reply.status, message: "scripted", status: "SCRIPTED" } },
        reply.headers,
      );
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    baseUrl: `http://127.0.0.1:${port}`,
    requests,
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
