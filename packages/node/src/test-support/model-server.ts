import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export interface ModelRequest {
  readonly path: string;
  readonly headers: IncomingMessage["headers"];
}

/** How the server answers one request; `serve` answers as a good server would. */
export type Behaviour = (
  request: ModelRequest,
  response: ServerResponse,
  serve: (options?: ServeOptions) => void,
) => void;

export interface ServeOptions {
  /** Breaks the connection when so many bytes of the file, counted from its beginning, were sent. */
  readonly cutAt?: number;
  readonly ignoreRange?: boolean;
  readonly etag?: string | undefined;
  readonly content?: Uint8Array;
  /** Says nothing about the length. */
  readonly chunked?: boolean;
}

/** A real HTTP server with files: ranges, entity tags, and any misbehaviour that a test asks for. For tests only. */
export interface ModelServer {
  /** Ends in `/`. */
  readonly address: string;
  readonly requests: ModelRequest[];
  /** Answers the next requests one after the other; when none is left the server behaves. */
  readonly behaviours: Behaviour[];
  files: Map<string, Uint8Array>;
  close(): Promise<void>;
}

export async function startModelServer(files: Readonly<Record<string, Uint8Array>>): Promise<ModelServer> {
  const requests: ModelRequest[] = [];
  const behaviours: Behaviour[] = [];
  const contents = new Map(Object.entries(files));
  const server = createServer((incoming, response) => {
    const request = { path: decodeURIComponent(incoming.url ?? ""), headers: incoming.headers };
    requests.push(request);
    const serve = (options?: ServeOptions) =>
      serveFile(request, response, options?.content ?? contents.get(request.path.slice(1)), options);
    const behaviour = behaviours.shift();
    if (behaviour) behaviour(request, response, serve);
    else serve();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    address: `http://127.0.0.1:${port}/`,
    requests,
    behaviours,
    files: contents,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function serveFile(
  { headers }: ModelRequest,
  response: ServerResponse,
  content: Uint8Array | undefined,
  { cutAt, ignoreRange = false, etag = '"one"', chunked = false }: ServeOptions = {},
): void {
  if (!content) {
    response.writeHead(404).end("no such file");
    return;
  }
  const range = /^bytes=(\d+)-$/.exec(headers.range ?? "");
  const isSame = headers["if-range"] === undefined || headers["if-range"] === etag;
  const from = range && isSame && !ignoreRange ? Number(range[1]) : 0;
  if (from >= content.length && from > 0) {
    response.writeHead(416, { "content-range": `bytes */${content.length}` }).end();
    return;
  }
  const end = Math.max(from, Math.min(content.length, cutAt ?? content.length));
  response.writeHead(from > 0 ? 206 : 200, {
    ...(chunked ? {} : { "content-length": String(content.length - from) }),
    ...(from > 0 ? { "content-range": `bytes ${from}-${content.length - 1}/${content.length}` } : {}),
    ...(etag === "" ? {} : { etag }),
  });
  const part = content.subarray(from, end);
  if (cutAt === undefined) response.end(part);
  else response.write(part, () => setImmediate(() => response.socket?.destroy()));
}
