import { createHash } from "node:crypto";
import { createSegmentationApi } from "@maskery/http-adapter";
import { beforeAll, describe, expect, it } from "vitest";
import { expectProblem } from "./support/bad-requests/site.js";
import { mounts } from "./support/mounts.js";
import { photo } from "./support/pictures.js";
import { useApi } from "./support/use-api.js";

const api = useApi();
let picture: Blob;
beforeAll(async () => {
  picture = new Blob([new Uint8Array(await photo(64, 48))]);
});

describe("the way of HTTP", () => {
  for (const name of Object.keys(mounts))
    it(`${name}: preflight, HEAD, trailing slash, other methods, unknown paths`, async () => {
      const { host, caller } = await api.serve({}, name, "/vision");
      const preflight = await fetch(`${host.url}/segment`, {
        method: "OPTIONS",
        headers: {
          origin: "https://app.example.com",
          "access-control-request-method": "POST",
          "access-control-request-headers": "content-type",
        },
      });
      expect(preflight.status).toBe(204);
      expect(preflight.headers.get("access-control-allow-origin")).toBe("*");
      expect(preflight.headers.get("access-control-allow-methods")).toContain("POST");
      expect(preflight.headers.get("access-control-allow-headers")).toBe("content-type");
      expect(preflight.headers.has("access-control-allow-credentials")).toBe(false);

      const head = await fetch(`${host.url}/health`, { method: "HEAD" });
      expect([head.status, await head.text()]).toEqual([200, ""]);
      expect((await caller.fetch("GET", "/health/")).status).toBe(200);
      const deleted = await caller.fetch("DELETE", "/health");
      await expectProblem(deleted, 405);
      expect(deleted.headers.get("allow")).toBe("GET, HEAD");
      expect((await fetch(`${host.url}/no-such-thing`)).status).toBe(404);
      expect((await fetch(`${host.url}/session/%E0%A4%A`)).status).toBeLessThan(500);
    });

  it("names only the origins that were named, once", async () => {
    const { host } = await api.serve({ cors: { origins: ["https://app.example.com"], credentials: true } });
    const ask = (origin: string) => fetch(`${host.url}/health`, { headers: { origin } });
    const known = await ask("https://app.example.com");
    expect(known.headers.get("access-control-allow-origin")).toBe("https://app.example.com");
    expect(known.headers.get("access-control-allow-credentials")).toBe("true");
    expect(known.headers.get("vary")).toBe("Origin");
    const other = await ask("https://evil.example.com");
    expect(other.headers.get("access-control-allow-origin")).toBeNull();
    expect(() =>
      createSegmentationApi({ segmenter: api.watched.segmenter, cors: { credentials: true } }),
    ).toThrow(expect.objectContaining({ code: "INVALID_INPUT", field: "cors.origins" }));
    expect(() =>
      createSegmentationApi({ segmenter: api.watched.segmenter, apis: { demo: { prefix: "demo/" } } }),
    ).toThrow(expect.objectContaining({ code: "INVALID_INPUT", field: "apis.demo.prefix" }));
  });

  it("links hold where an API has a prefix and the host a path", async () => {
    const { caller, host } = await api.serve(
      { apis: { painter: { prefix: "/painter" }, demo: { prefix: "/demo" } } },
      "express",
      "/vision",
    );
    const { session_id } = await caller.json(caller.upload("/painter/upload", picture));
    const { image_url } = await caller.postJson("/painter/download-image", { session_id });
    expect((await fetch(new URL(image_url, host.url))).status).toBe(200);
    const demo = await caller.postJson("/demo/api/demo-sessions", { demo_type: "image_segmentation" });
    const file = await caller.json(caller.upload(`/demo/api/sessions/${demo.session_id}/upload`, picture));
    const stored = Buffer.from(await (await fetch(file.url)).arrayBuffer());
    const hash = (bytes: Buffer) => createHash("sha256").update(bytes).digest("hex");
    expect(hash(stored)).toBe(hash(Buffer.from(await picture.arrayBuffer())));
  });

  for (const path of ["/download-file/", "/api/files/"])
    for (const name of [
      "..%2F..%2Fetc%2Fpasswd",
      "%2e%2e%2fpasswd",
      "%00.png",
      ".unfinished-1.png",
      "unknown.png",
      "a%5C..%5Cb",
      "x".repeat(3000),
    ])
      it(`${path}${name.slice(0, 40)} leads nowhere`, async () => {
        const { caller } = await api.serve({ segmenter: () => Promise.reject(new Error("not needed")) });
        await expectProblem(await caller.fetch("GET", path + name), 404);
      });
});
