import { createSegmentationApi, type SegmentationApi } from "@maskery/http-adapter";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { mounts, type RunningHost } from "./support/mounts.js";

/** Addresses that a page loads by itself. */
const loaded = (html: string) =>
  [...html.matchAll(/(?:<script[^>]* src|<link[^>]* href)="([^"]+)"/g)].map(([, url]) => url!);

for (const [name, path] of [
  ["node", ""],
  ["express", "/deep/vision"],
  ["fastify", "/vision"],
  ["koa", "/vision"],
  ["hono", "/vision"],
] as const) {
  describe(`documentation pages in ${name}, at ${path || "the root"}`, () => {
    let api: SegmentationApi;
    let host: RunningHost;
    beforeAll(async () => {
      // Documentation needs no model.
      api = createSegmentationApi({ segmenter: () => Promise.reject(new Error("not here")) });
      host = await mounts[name]!(api, path);
    });
    afterAll(async () => {
      await host.close();
      await api.close();
    });

    for (const page of ["/docs", "/docs/", "/redoc", "/redoc/"]) {
      it(`${page} loads all it needs from here`, async () => {
        const answer = await fetch(`${host.url}${page}`);
        const html = await answer.text();
        expect(answer.headers.get("content-type")).toContain("text/html");
        expect(answer.headers.get("content-security-policy")).toContain("default-src 'none'");
        const urls = loaded(html).filter((url) => !url.startsWith("data:"));
        expect(urls.length).toBeGreaterThan(0);
        for (const url of urls) {
          const address = new URL(url, answer.url);
          expect(address.href.startsWith(`${host.url}/`), address.href).toBe(true);
          const file = await fetch(address);
          expect(file.status, address.href).toBe(200);
          expect((await file.text()).length).toBeGreaterThan(100);
        }
        expect(html).not.toMatch(/<script(?![^>]* src=)/);
      });
    }

    it("/ is a list for programs and a page for browsers", async () => {
      const forPrograms = await fetch(`${host.url}/`);
      const list = (await forPrograms.json()) as {
        documentation: { docs: string };
        endpoints: { path: string }[];
      };
      expect(list.documentation.docs).toBe(`${path}/docs`);
      expect(list.endpoints.map((endpoint) => endpoint.path)).toContain(`${path}/get-mask-at-point-instant`);

      const forBrowsers = await fetch(`${host.url}/`, {
        headers: { accept: "text/html,application/xhtml+xml,*/*;q=0.8" },
      });
      expect(forBrowsers.headers.get("content-type")).toContain("text/html");
      expect(forBrowsers.headers.get("vary")).toContain("Accept");
      expect(await forBrowsers.text()).toContain("/get-mask-at-point-instant");
    });

    it("the description names the address of this mount", async () => {
      const document = (await (await fetch(`${host.url}/openapi.json`)).json()) as {
        servers: { url: string }[];
      };
      expect(document.servers).toEqual([{ url: host.url }]);
    });

    it("answers 404 for a file that is none", async () => {
      for (const file of ["LICENSE", "..%2findex.js", "__proto__"])
        expect((await fetch(`${host.url}/docs-files/${file}`)).status, file).toBe(404);
    });
  });
}

describe("the reference page", () => {
  it("shows every operation and escapes what it shows", async () => {
    const api = createSegmentationApi({ segmenter: () => Promise.reject(new Error("not here")) });
    const html = await (await api.fetch(new Request("http://localhost/redoc"))).text();
    for (const item of Object.values(api.openapi.paths ?? {}))
      for (const { operationId } of Object.values(item as Record<string, { operationId: string }>))
        expect(html).toContain(`id="${operationId}"`);
    expect(html).toContain("session&#39;s picture");
    await api.close();
  });

  it("can be left out", async () => {
    const api = createSegmentationApi({
      segmenter: () => Promise.reject(new Error("not here")),
      docs: false,
    });
    for (const page of ["/docs", "/redoc", "/openapi.json"])
      expect((await api.fetch(new Request(`http://localhost${page}`))).status, page).toBe(404);
    await api.close();
  });
});
