import { readFile } from "node:fs/promises";
import { connect as connectHttp2, createServer as createHttp2Server } from "node:http2";
import { type AddressInfo, connect } from "node:net";
import { createSegmentationApi, type SegmentationApi } from "@maskery/http-adapter";
import { toNode } from "@maskery/http-adapter/node";
import { createNodePlatform, createSegmenter, type Segmenter } from "@maskery/node";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { mounts, type RunningHost } from "./support/mounts.js";

const photo = new URL("../../../examples/photos/coffee.png", import.meta.url);

let segmenter: Segmenter;
beforeAll(async () => {
  segmenter = await createSegmenter();
});
afterAll(() => segmenter.dispose());

/** What a host does that asks who somebody is, and remembers it. */
function withKey(api: SegmentationApi): SegmentationApi {
  return {
    ...api,
    async fetch(request, options) {
      if (request.headers.get("x-key") !== "right") {
        const headers = new Headers([
          ["set-cookie", "first=1"],
          ["set-cookie", "second=2"],
        ]);
        return new Response("who are you?", { status: 401, headers });
      }
      const answer = await api.fetch(request, options);
      answer.headers.set("x-wrapped", "yes");
      return answer;
    },
  };
}

/** Sends what a client library would not, and gives back the first line of the answer and its JSON. */
function sendRaw(url: string, text: string): Promise<{ status: string; body: unknown }> {
  return new Promise((resolve, reject) => {
    let came = "";
    const socket = connect(Number(new URL(url).port), "127.0.0.1", () => socket.write(text));
    socket.setEncoding("utf8").on("data", (part: string) => {
      came += part;
    });
    socket.on("error", reject).on("close", () => {
      const [head = "", body = ""] = came.split("\r\n\r\n");
      resolve({ status: head.split("\r\n")[0]!, body: body === "" ? undefined : JSON.parse(body) });
    });
  });
}

for (const [name, mount] of Object.entries(mounts))
  describe(`${name}: requests that do not take the short way`, () => {
    let api: SegmentationApi;
    let host: RunningHost;
    let wrapped: RunningHost;
    beforeAll(async () => {
      api = createSegmentationApi({ segmenter, platform: createNodePlatform() });
      host = await mount(api, "/vision");
      wrapped = await mount(withKey(api), "/vision");
    });
    afterAll(async () => {
      await wrapped.close();
      await host.close();
      await api.close();
    });

    it("an application that wraps fetch sees every request", async () => {
      for (const method of ["GET", "POST", "HEAD"]) {
        const refused = await fetch(`${wrapped.url}/health`, { method });
        expect(refused.status).toBe(401);
        expect(refused.headers.getSetCookie()).toEqual(["first=1", "second=2"]);
      }
      const headers = { "x-key": "right" };
      const health = await fetch(`${wrapped.url}/health?verbose=1`, { headers });
      expect(health.headers.get("x-wrapped")).toBe("yes");
      expect(await health.json()).toMatchObject({ status: "healthy" });
      const body = new FormData();
      body.set("file", new Blob([await readFile(photo)]), "cup.png");
      const uploaded = await fetch(`${wrapped.url}/upload`, { method: "POST", headers, body });
      expect(uploaded.status, await uploaded.clone().text()).toBe(200);
      expect(uploaded.headers.get("x-wrapped")).toBe("yes");
    });

    it("a percent-encoded path, a query and a slash at the end are those of the plain path", async () => {
      for (const path of ["/health/", "/health?x=%20", "/health/?x=1", "/../vision/health"]) {
        const answer = await fetch(`${host.url}${path}`);
        expect(answer.status, path).toBe(200);
        expect(answer.headers.get("content-type")).toBe("application/json; charset=utf-8");
      }
    });

    // Hono's own server reads the addresses before the mount sees them.
    if (name === "hono") return;

    it("a host that is none is refused as a problem; HTTP/1.0 needs none", async () => {
      const broken = await sendRaw(
        host.url,
        "GET /vision/health HTTP/1.1\r\nhost: a@b/c\r\nconnection: close\r\n\r\n",
      );
      expect(broken.status).toBe("HTTP/1.1 400 Bad Request");
      expect(broken.body).toMatchObject({ code: "INVALID_INPUT", field: "host" });
      const old = await sendRaw(host.url, "GET /vision/health HTTP/1.0\r\n\r\n");
      expect(old.status).toBe("HTTP/1.1 200 OK");
      expect(old.body).toMatchObject({ status: "healthy" });
    });
  });

it("node: HTTP/2 asks and uploads like HTTP/1, and nothing is taken for a client that left", async () => {
  let lastSignal: AbortSignal | undefined;
  const api = createSegmentationApi({
    segmenter,
    platform: createNodePlatform(),
    remoteStatus: async ({ signal }) => {
      lastSignal = signal;
      return { status: "healthy" };
    },
  });
  const listen = toNode(api);
  const server = createHttp2Server((request, response) =>
    // Its two classes are those of HTTP/1 in all that the mount uses.
    listen(
      request as unknown as Parameters<typeof listen>[0],
      response as unknown as Parameters<typeof listen>[1],
    ),
  );
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const client = connectHttp2(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  const ask = (headers: Record<string, string>, body?: Buffer) =>
    new Promise<{ status: number; body: unknown }>((resolve, reject) => {
      const stream = client.request(headers);
      let status = 0;
      let text = "";
      stream.on("response", (answered) => {
        status = Number(answered[":status"]);
      });
      stream.setEncoding("utf8").on("data", (part: string) => {
        text += part;
      });
      stream.on("end", () => resolve({ status, body: JSON.parse(text) })).on("error", reject);
      stream.end(body);
    });

  expect(await ask({ ":path": "/health" })).toMatchObject({ status: 200, body: { status: "healthy" } });
  const form = new Response(
    (() => {
      const data = new FormData();
      data.set("file", new Blob(["no picture"]), "cup.png");
      return data;
    })(),
  );
  const headers = {
    ":method": "POST",
    ":path": "/upload",
    "content-type": form.headers.get("content-type") ?? "",
  };
  expect(await ask(headers, Buffer.from(await form.arrayBuffer()))).toMatchObject({
    status: 415,
    body: { code: "UNSUPPORTED_FORMAT" },
  });
  await new Promise<void>((resolve) => client.close(resolve));
  await new Promise<void>((resolve) => server.close(() => resolve()));
  expect(lastSignal?.aborted).toBe(false);
  await api.close();
});
