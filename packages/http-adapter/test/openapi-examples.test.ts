import { readFile } from "node:fs/promises";
import { createSegmentationApi, type SegmentationApi } from "@maskery/http-adapter";
import { createSegmenter, type Segmenter } from "@maskery/node";
import { Validator } from "@seriousme/openapi-schema-validator";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Caller } from "./support/caller.js";
import { mounts, type RunningHost } from "./support/mounts.js";

// biome-ignore lint/suspicious/noExplicitAny: a document and answers whose members are read
type Any = any;

let segmenter: Segmenter;
let api: SegmentationApi;
let host: RunningHost;
let caller: Caller;
/** Operations of the document that were sent, and answered as documented. */
const replayed = new Set<string>();

beforeAll(async () => {
  segmenter = await createSegmenter();
  // A busy machine may need longer for everything in a picture than a client would wait.
  const timeoutsMs = { painterGenerateMasks: 280_000 };
  api = createSegmentationApi({ segmenter, timeoutsMs });
  host = await mounts["node"]!(api, "");
  caller = new Caller(host.url, api);
});
afterAll(async () => {
  await host.close();
  await api.close();
  await segmenter.dispose();
});

const operations = (): [string, string, Any][] =>
  Object.entries(api.openapi.paths as Any).flatMap(([path, item]: [string, Any]) =>
    Object.entries(item).map(([method, operation]): [string, string, Any] => [
      method.toUpperCase(),
      path,
      operation,
    ]),
  );

describe("the OpenAPI document", () => {
  it("is valid OpenAPI 3.1", async () => {
    const validator = new Validator();
    const { valid, errors } = await validator.validate(JSON.parse(JSON.stringify(api.openapi)));
    expect(errors).toBeUndefined();
    expect(valid).toBe(true);
    expect(validator.version).toBe("3.1");
  });

  it("has an example for every body, every path value and every JSON answer", () => {
    const without: string[] = [];
    for (const [method, path, operation] of operations()) {
      const bodies = [
        ...Object.values(operation.requestBody?.content ?? {}),
        ...Object.entries(operation.responses["200"].content ?? {}).flatMap(([type, body]) =>
          type === "application/json" ? [body] : [],
        ),
      ] as Any[];
      for (const body of bodies) if (body.example === undefined) without.push(`${method} ${path}`);
      for (const parameter of operation.parameters ?? [])
        if (
          parameter.in === "path" &&
          parameter.example === undefined &&
          parameter.schema?.example === undefined
        )
          without.push(`${method} ${path} ${parameter.name}`);
    }
    expect(without).toEqual([]);
  });
});

describe("every example, sent to a real server", () => {
  /** What the server gave earlier takes the place of the made-up values. */
  const real: Record<string, string> = {};
  let maskIds: number[] = [];

  const inPlace = (value: Any, name = ""): Any => {
    if (Array.isArray(value))
      return value.map((entry) => inPlace(entry, name === "mask_ids" ? "mask_id" : ""));
    if (typeof value === "object" && value !== null)
      return Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, inPlace(entry, key)]));
    if (name === "mask_id") return maskIds[value % maskIds.length];
    return real[name] ?? value;
  };

  /** Sends one operation's example; the caller checks the answer against the document. */
  async function replay(operationId: string): Promise<Any> {
    const [method, template, operation] = operations().find(
      ([, , { operationId: id }]) => id === operationId,
    )!;
    const path = template.replaceAll(/\{(\w+)\}/g, (_whole, name: string) => {
      expect(real[name], `${operationId} needs a ${name}`).toBeDefined();
      return encodeURIComponent(real[name]!);
    });
    const [type, body] = (Object.entries(operation.requestBody?.content ?? {})[0] ?? []) as [string?, Any?];
    const init: RequestInit = {};
    if (type === "multipart/form-data") {
      const form = new FormData();
      const photo = await readFile(new URL("../../../examples/photos/coffee.png", import.meta.url));
      for (const [name, value] of Object.entries<string>(body.example))
        form.set(name, name === "file" ? new File([photo], value) : value);
      init.body = form;
    } else if (type !== undefined) {
      init.headers = { "content-type": type };
      init.body = JSON.stringify(inPlace(body.example));
    }
    const answer = await caller.fetch(method, path, init);
    expect(answer.status, `${operationId}: ${await answer.clone().text()}`).toBe(200);
    replayed.add(operationId);
    return answer.headers.get("content-type")?.includes("json") ? answer.json() : answer.arrayBuffer();
  }

  it("demo", async () => {
    real["session_id"] = (await replay("createDemoSession")).session_id;
    await replay("uploadDemoFile");
    await replay("startDemoSegmentation");
    await expect
      .poll(async () => (await replay("demoSessionStatus")).status, { timeout: 25_000, interval: 200 })
      .toBe("completed");
    const { output_image_url } = await replay("demoSessionResults");
    real["file_name"] = output_image_url.split("/").at(-1);
    expect((await replay("demoFile")).byteLength).toBeGreaterThan(1000);
  });

  it("painter", { timeout: 300_000 }, async () => {
    real["session_id"] = (await replay("painterUpload")).session_id;
    await replay("painterGetEmbedding");
    maskIds = (await replay("painterSegment")).masks.map(({ mask_id }: Any) => mask_id);
    await replay("painterMaskAtPoint");
    // With the document's thresholds the built-in model may find none that is sure enough.
    await replay("painterGenerateMasks");
    await replay("painterGenerateMasksAdvanced");
    await replay("painterGenerateMasksCached");
    await replay("painterMaskAtPointInstant");
    await replay("painterCombineMasks");
    await replay("painterPaintMask");
    await replay("painterPaintMasks");
    await replay("painterDownloadImage");
    real["filename"] = (await replay("painterDownloadPaintedImage")).filename;
    expect((await replay("painterDownloadFile")).byteLength).toBeGreaterThan(1000);
    expect((await replay("painterListDownloads")).total).toBe(2);
    expect(Object.keys((await replay("painterSession")).stored_masks).length).toBeGreaterThan(0);
    await replay("painterCacheStatus");
    await replay("health");
    await replay("painterClearCache");
    await replay("painterDeleteSession");
  });

  it("clinical", async () => {
    expect(await replay("clinicalSegment")).toMatchObject({ cached: false, image_type: "L3" });
    expect(await replay("clinicalSegment")).toMatchObject({ cached: true });
    expect(await replay("clinicalHealth")).toMatchObject({ mode: "automatic" });
  });

  it("documentation", async () => {
    const { endpoints } = await replay("apiDocumentation");
    expect(endpoints).toHaveLength(operations().length);
  });

  it("leaves no operation out", () => {
    expect([...replayed].sort()).toEqual(
      operations()
        .map(([, , { operationId }]) => operationId)
        .sort(),
    );
  });
});
