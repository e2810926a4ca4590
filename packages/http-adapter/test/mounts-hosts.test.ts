import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { getRequestListener } from "@hono/node-server";
import { createSegmentationApi, type SegmentationApi } from "@maskery/http-adapter";
import { toExpress } from "@maskery/http-adapter/express";
import { toFastify } from "@maskery/http-adapter/fastify";
import { toHono } from "@maskery/http-adapter/hono";
import { toKoa } from "@maskery/http-adapter/koa";
import { createSegmenter, type Segmenter } from "@maskery/node";
import express from "express";
import Fastify from "fastify";
import { Hono } from "hono";
import Koa from "koa";
// @ts-expect-error: this package has no types
import mountKoa from "koa-mount";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";

const photo = new URL("../../../examples/photos/coffee.png", import.meta.url);

let segmenter: Segmenter;
beforeAll(async () => {
  segmenter = await createSegmenter();
});
afterAll(() => segmenter.dispose());

const closers: (() => Promise<unknown> | unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

function newApi(options: Partial<Parameters<typeof createSegmentationApi>[0]> = {}): SegmentationApi {
  const api = createSegmentationApi({ segmenter, ...options });
  closers.push(() => api.close());
  return api;
}

async function listen(target: Server | RequestListener): Promise<string> {
  const server = typeof target === "function" ? createServer(target) : target;
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  closers.push(() => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function upload(url: string): Promise<{ session_id: string }> {
  const form = new FormData();
  form.set("file", new Blob([await readFile(photo)]), "cup.png");
  const answer = await fetch(`${url}/upload`, { method: "POST", body: form });
  expect(answer.status, await answer.clone().text()).toBe(200);
  return (await answer.json()) as { session_id: string };
}

const post = (url: string, body: unknown) =>
  fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });

/** What the application does by itself works while the API is there, and when it is closed. */
async function stays(api: SegmentationApi, url: string, check: () => Promise<void>): Promise<void> {
  await check();
  await api.close();
  expect((await fetch(`${url}/health`)).status).toBe(503);
  await check();
}

describe("in an application of its own life", () => {
  it("Express: works after express.json(), and the host's parser works before and after", async () => {
    const app = express();
    const api = newApi();
    app.use(express.json());
    app.post("/own-before", (request, response) => void response.json(request.body));
    app.use("/vision", toExpress(api));
    app.post("/own-after", (request, response) => void response.json(request.body));
    app.get("/vision/own", (_request, response) => void response.send("mine"));
    const url = await listen(app);

    const { session_id } = await upload(`${url}/vision`);
    const segmented = await post(`${url}/vision/segment`, { session_id, points: [{ x: 300, y: 180 }] });
    expect(segmented.status, await segmented.clone().text()).toBe(200);
    await stays(api, `${url}/vision`, async () => {
      for (const path of ["/own-before", "/own-after"])
        expect(await (await post(`${url}${path}`, { still: "parsed" })).json()).toEqual({ still: "parsed" });
      expect(await (await fetch(`${url}/vision/own`)).text()).toBe("mine");
    });
  });

  it("Fastify: the host's parsers and routes stay, also inside the same prefix", async () => {
    const app = Fastify();
    app.post("/own", (request) => request.body);
    const api = newApi();
    await app.register(toFastify(api), { prefix: "/vision" });
    await app.ready();
    const url = await listen(app.server);
    closers.push(() => app.close());
    const { session_id } = await upload(`${url}/vision`);
    expect((await post(`${url}/vision/get-embedding`, { session_id })).status).toBe(200);
    await stays(api, `${url}/vision`, async () => {
      expect(await (await post(`${url}/own`, { still: "parsed" })).json()).toEqual({ still: "parsed" });
      const refused = await fetch(`${url}/own`, {
        method: "POST",
        headers: { "content-type": "text/x" },
        body: "x",
      });
      expect(refused.status).toBe(415);
    });
  });

  it("Koa: under koa-mount, with middleware around it", async () => {
    const app = new Koa();
    const seen: string[] = [];
    app.use(async (context, next) => {
      seen.push(context.path);
      await next();
    });
    const api = newApi();
    app.use(mountKoa("/vision", toKoa(api)));
    app.use((context) => {
      context.body = "mine";
    });
    const url = await listen(app.callback());
    const { session_id } = await upload(`${url}/vision`);
    const answer = await post(`${url}/vision/download-image`, { session_id });
    const { image_url } = (await answer.json()) as { image_url: string };
    expect((await fetch(new URL(image_url, url))).status, image_url).toBe(200);
    await stays(api, `${url}/vision`, async () => {
      expect(await (await fetch(`${url}/other`)).text()).toBe("mine");
    });
    expect(seen).toContain("/vision/upload");
  });

  it("Hono: under basePath and under route()", async () => {
    const api = newApi();
    const inner = new Hono().all("/*", toHono(api, { path: "/inner" }));
    const app = new Hono().route("/inner", inner);
    const based = new Hono().basePath("/based").all("/*", toHono(api, { path: "/based" }));
    app.route("/", based);
    app.get("/own", (context) => context.text("mine"));
    const url = await listen(getRequestListener(app.fetch, { overrideGlobalObjects: false }));
    for (const path of ["/inner", "/based"]) {
      const answer = await fetch(`${url}${path}/openapi.json`);
      expect(((await answer.json()) as { servers: unknown }).servers).toEqual([{ url: `${url}${path}` }]);
    }
    await stays(api, `${url}/inner`, async () => {
      expect(await (await fetch(`${url}/own`)).text()).toBe("mine");
    });
  });

  it("two APIs in one application know nothing of each other", async () => {
    const app = express();
    app.use("/first", toExpress(newApi()));
    app.use("/second", toExpress(newApi()));
    const url = await listen(app);
    const { session_id } = await upload(`${url}/first`);
    expect((await fetch(`${url}/first/session/${session_id}`)).status).toBe(200);
    expect((await fetch(`${url}/second/session/${session_id}`)).status).toBe(404);
  });
});
