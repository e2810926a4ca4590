import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** How the server answers one request instead of the placement; `serve` answers as the placement does. */
export type Misbehaviour = (
  request: IncomingMessage,
  response: ServerResponse,
  serve: () => Promise<void>,
) => void | Promise<void>;

/** A real HTTP server over a placement's handler, which misbehaves as a test asks. */
export interface PlacementServer {
  readonly url: string;
  /** `POST /encode` and the like, with the bytes of the body. */
  readonly requests: {
    readonly route: string;
    readonly bodyBytes: number;
    readonly headers: IncomingMessage["headers"];
  }[];
  /** For the next requests to a path, one after the other; when none is left the server behaves. */
  misbehave(path: string, ...behaviours: Misbehaviour[]): void;
  close(): Promise<void>;
}

export async function startPlacementServer(
  handler: (request: Request) => Promise<Response>,
): Promise<PlacementServer> {
  const requests: PlacementServer["requests"] = [];
  const behaviours = new Map<string, Misbehaviour[]>();
  const server = createServer(async (incoming, outgoing) => {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk as Buffer);
    const body = new Uint8Array(Buffer.concat(chunks));
    const path = new URL(incoming.url ?? "/", "http://localhost").pathname.split("/").at(-1)!;
    requests.push({ route: `${incoming.method} ${path}`, bodyBytes: body.length, headers: incoming.headers });
    const serve = async () => {
      const left = new AbortController();
      outgoing.on("close", () => left.abort());
      const request = new Request(`http://localhost${incoming.url}`, {
        method: incoming.method!,
        headers: incoming.headers as Record<string, string>,
        signal: left.signal,
        ...(incoming.method === "POST" && { body }),
      });
      const answer = await handler(request);
      outgoing.writeHead(answer.status, Object.fromEntries(answer.headers));
      outgoing.end(new Uint8Array(await answer.arrayBuffer()));
    };
    const behaviour = behaviours.get(path)?.shift();
    await (behaviour ? behaviour(incoming, outgoing, serve) : serve());
  });
  // A connection that ends while a slow test thinks would look like a failure.
  server.keepAliveTimeout = 120_000;
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  let closed: Promise<void> | undefined;
  return {
    url: `http://127.0.0.1:${port}/placement/v1`,
    requests,
    misbehave(path, ...added) {
      behaviours.set(path, [...(behaviours.get(path) ?? []), ...added]);
    },
    close() {
      closed ??= new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      });
      return closed;
    },
  };
}
