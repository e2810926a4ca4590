import { type AddressInfo, connect, createServer, type Socket } from "node:net";

/** An address that stays while what is behind it comes and goes. */
export interface Gateway {
  readonly url: string;
  /** Where connections lead from now on, and those that are open end; undefined: nowhere. */
  lead(url: string | undefined): void;
  close(): Promise<void>;
}

/** Ports of servers that ended may be another program's by the time they come back; this one is kept. */
export async function startGateway(): Promise<Gateway> {
  let target: URL | undefined;
  const sockets = new Set<Socket>();
  const keep = (socket: Socket) => {
    sockets.add(socket);
    socket.on("error", () => socket.destroy()).on("close", () => sockets.delete(socket));
    return socket;
  };
  const endAll = () => {
    for (const socket of sockets) socket.destroy();
  };
  const server = createServer((incoming) => {
    keep(incoming);
    if (!target) {
      incoming.destroy();
      return;
    }
    const outgoing = keep(connect(Number(target.port), target.hostname));
    incoming.pipe(outgoing).pipe(incoming);
    incoming.on("close", () => outgoing.destroy());
    outgoing.on("close", () => incoming.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    lead(url) {
      target = url === undefined ? undefined : new URL(url);
      endAll();
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        endAll();
      }),
  };
}
