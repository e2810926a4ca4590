import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { getRequestListener } from "@hono/node-server";
import type { SegmentationApi } from "@maskery/http-adapter";
import { toExpress } from "@maskery/http-adapter/express";
import { toFastify } from "@maskery/http-adapter/fastify";
import { toHono } from "@maskery/http-adapter/hono";
import { toKoa } from "@maskery/http-adapter/koa";
import { toNode } from "@maskery/http-adapter/node";
import express from "express";
import Fastify from "fastify";
import { Hono } from "hono";
import Koa from "koa";

/** An application that listens, with the API inside. */
export interface RunningHost {
  /** Address under which the API answers, without a slash at its end. */
  readonly url: string;
  readonly server: Server;
  close(): Promise<void>;
}

type Mount = (api: SegmentationApi, path: string) => Promise<RunningHost>;

/** Every way to mount the API, each on a real socket. `path` is where it lies; empty for the root. */
export const mounts: Readonly<Record<string, Mount>> = {
  node: (api, path) => listen(createServer(toNode(api, { path })), path),
  express: (api, path) => {
    const app = express();
    app.use(path === "" ? "/" : path, toExpress(api));
    return listen(createServer(app), path);
  },
  fastify: async (api, path) => {
    const app = Fastify({ keepAliveTimeout: 60_000 });
    await app.register(toFastify(api), { prefix: path });
    await app.ready();
    await app.listen({ port: 0, host: "127.0.0.1" });
    const { port } = app.server.address() as AddressInfo;
    return {
      url: `http://127.0.0.1:${port}${path}`,
      server: app.server,
      close: async () => {
        app.server.closeAllConnections();
        await app.close();
      },
    };
  },
  koa: (api, path) => {
    const app = new Koa();
    // It would write every broken connection to the console.
    app.silent = true;
    app.use(toKoa(api, { path }));
    return listen(createServer(app.callback()), path);
  },
  hono: (api, path) => {
    const app = new Hono();
    app.all(`${path}/*`, toHono(api, { path }));
    return listen(createServer(getRequestListener(app.fetch, { overrideGlobalObjects: false })), path);
  },
};

async function listen(server: Server, path: string): Promise<RunningHost> {
  // A busy machine must not look like an idle client.
  server.keepAliveTimeout = 60_000;
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}${path}`,
    server,
    close: () =>
      new Promise((resolve, reject) => {
        server.close((error) => (error ? reject(error) : resolve()));
        server.closeAllConnections();
      }),
  };
}
