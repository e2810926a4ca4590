// @ts-check
import { createServer } from "node:http";
import { getRequestListener } from "@hono/node-server";
import { toExpress } from "@maskery/http-adapter/express";
import { toFastify } from "@maskery/http-adapter/fastify";
import { toHono } from "@maskery/http-adapter/hono";
import { toKoa } from "@maskery/http-adapter/koa";
import { toNode } from "@maskery/http-adapter/node";
import express from "express";
import Fastify from "fastify";
import { Hono } from "hono";
import Koa from "koa";

/** @import { SegmentationApi } from "@maskery/http-adapter" */
/** @typedef {{ origin: string, close: () => Promise<void> }} Host */

const type = "application/json; charset=utf-8";

/**
 * Each framework with the API under `/vision`, and a bare handler of its own kind under `/bare` that answers `bytes` to
 * everything.
 * @type {Record<string, (api: SegmentationApi, bytes: () => string) => Promise<Host>>}
 */
export const hosts = {
  node: (api, bytes) => {
    const listen = toNode(api, { path: "/vision" });
    return serve(
      createServer((request, response) => {
        if (request.url?.startsWith("/vision")) return listen(request, response);
        void bare(request, () => response.setHeader("content-type", type).end(bytes()));
      }),
    );
  },
  express: (api, bytes) => {
    const app = express();
    app.use("/vision", toExpress(api));
    app.all("/bare", express.json(), (_request, response) => void response.type(type).send(bytes()));
    return serve(createServer(app));
  },
  fastify: async (api, bytes) => {
    const app = Fastify();
    await app.register(toFastify(api), { prefix: "/vision" });
    app.all("/bare", (_request, reply) => reply.type(type).send(bytes()));
    await app.ready();
    return serve(app.server);
  },
  koa: (api, bytes) => {
    const app = new Koa();
    app.use(toKoa(api, { path: "/vision" }));
    app.use((context) =>
      bare(context.req, () => {
        context.type = type;
        context.body = bytes();
      }),
    );
    return serve(createServer(app.callback()));
  },
  hono: (api, bytes) => {
    const app = new Hono();
    app.all("/vision/*", toHono(api, { path: "/vision" }));
    app.all("/bare", async (context) => {
      if (context.req.method === "POST") await context.req.json();
      return context.body(bytes(), 200, { "content-type": type });
    });
    return serve(createServer(getRequestListener(app.fetch, { overrideGlobalObjects: false })));
  },
};

/**
 * Reads a body to its end, as anybody who answers a POST must.
 * @param {import("node:http").IncomingMessage} request
 * @param {() => void} answer
 * @returns {Promise<void>}
 */
async function bare(request, answer) {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  if (chunks.length > 0) JSON.parse(Buffer.concat(chunks).toString("utf8"));
  answer();
}

/**
 * @param {import("node:http").Server} server
 * @returns {Promise<Host>}
 */
async function serve(server) {
  await new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve(undefined)));
  const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
  return {
    origin: `http://127.0.0.1:${port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
