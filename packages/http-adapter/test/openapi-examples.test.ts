import { createSegmentationApi, type SegmentationApi } from "@maskery/http-adapter";
import { createSegmenter, type Segmenter } from "@maskery/node";
import { Validator } from "@seriousme/openapi-schema-validator";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { DocumentedAnswers } from "./support/documented-answers.js";
import { ExampleReplay, operationsOf } from "./support/example-replay.js";
import { mounts, type RunningHost } from "./support/mounts.js";

// biome-ignore lint/suspicious/noExplicitAny: a document and answers whose members are read
type Any = any;

let segmenter: Segmenter;
let api: SegmentationApi;
beforeAll(async () => {
  segmenter = await createSegmenter();
  // A busy machine may need longer for everything in a picture than a client would wait.
  const timeoutsMs = { painterGenerateMasks: 280_000 };
  api = createSegmentationApi({ segmenter, timeoutsMs });
});
afterAll(async () => {
  await api.close();
  await segmenter.dispose();
});

describe("the OpenAPI document", () => {
  it("is valid OpenAPI 3.1, with everything that can be switched on as well", async () => {
    const whole = createSegmentationApi({ segmenter, placement: true });
    for (const { openapi } of [api, whole]) {
      const validator = new Validator();
      const { valid, errors } = await validator.validate(JSON.parse(JSON.stringify(openapi)));
      expect(errors).toBeUndefined();
      expect(valid).toBe(true);
      expect(validator.version).toBe("3.1");
    }
    await whole.close();
  });

  it("has an example for every body, every path value and every JSON answer", () => {
    const without: string[] = [];
    for (const { method, path, operation } of operationsOf(api)) {
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

  it("has no example that its own schema refuses", () => {
    const document = new DocumentedAnswers(api);
    let looked = 0;
    for (const { method, path, operation } of operationsOf(api)) {
      const at = ["paths", path, method.toLowerCase()];
      const places: [string[], Any][] = [];
      const body = operation.requestBody?.content["application/json"];
      if (body) places.push([[...at, "requestBody", "content", "application/json"], body.example]);
      for (const [status, { content = {} }] of Object.entries<Any>(operation.responses))
        for (const [type, { example }] of Object.entries<Any>(content))
          if (example !== undefined) places.push([[...at, "responses", status, "content", type], example]);
      for (const [steps, example] of places) {
        expect(document.misfit([...steps, "schema"], example), steps.join(" ")).toBeUndefined();
        looked++;
      }
    }
    expect(looked).toBeGreaterThan(operationsOf(api).length);
  });
});

// One application behind all of them: what the model found for the first is remembered for the others.
const replays = new Map<string, ExampleReplay>();
const hosts: RunningHost[] = [];
afterAll(async () => {
  for (const host of hosts) await host.close();
});

for (const mount of Object.keys(mounts)) {
  describe(`every example of the document, sent through ${mount}`, () => {
    let replay: ExampleReplay;
    beforeAll(async () => {
      const host = await mounts[mount]!(api, "/vision");
      hosts.push(host);
      replay = new ExampleReplay(api, host.url);
      replays.set(mount, replay);
    });

    it("demo", async () => {
      replay.known["session_id"] = (await replay.send("createDemoSession")).session_id;
      await replay.send("uploadDemoFile");
      await replay.send("startDemoSegmentation");
      await expect
        .poll(async () => (await replay.send("demoSessionStatus")).status, { interval: 200 })
        .toBe("completed");
      const { output_image_url } = await replay.send("demoSessionResults");
      replay.known["file_name"] = output_image_url.split("/").at(-1);
      expect((await replay.send("demoFile")).byteLength).toBeGreaterThan(1000);
    });

    it("painter", { timeout: 300_000 }, async () => {
      replay.known["session_id"] = (await replay.send("painterUpload")).session_id;
      await replay.send("painterGetEmbedding");
      const { masks } = await replay.send("painterSegment");
      replay.maskIds = masks.map(({ mask_id }: Any) => mask_id);
      await replay.send("painterMaskAtPoint");
      // With the document's thresholds the built-in model may find none that is sure enough.
      await replay.send("painterGenerateMasks");
      await replay.send("painterGenerateMasksAdvanced");
      await replay.send("painterGenerateMasksCached");
      await replay.send("painterMaskAtPointInstant");
      await replay.send("painterCombineMasks");
      await replay.send("painterPaintMask");
      await replay.send("painterPaintMasks");
      await replay.send("painterDownloadImage");
      replay.known["filename"] = (await replay.send("painterDownloadPaintedImage")).filename;
      expect((await replay.send("painterDownloadFile")).byteLength).toBeGreaterThan(1000);
      const { downloads } = await replay.send("painterListDownloads");
      const { filename } = replay.known;
      expect(downloads.map((download: Any) => download.download_url)).toContain(
        `/vision/download-file/${filename}`,
      );
      expect(Object.keys((await replay.send("painterSession")).stored_masks).length).toBeGreaterThan(0);
      await replay.send("painterCacheStatus");
      await replay.send("health");
    });

    it("clinical", async () => {
      expect(await replay.send("clinicalSegment")).toMatchObject({ image_type: "L3" });
      expect(await replay.send("clinicalSegment")).toMatchObject({ cached: true });
      expect(await replay.send("clinicalHealth")).toMatchObject({ mode: "automatic" });
    });

    it("documentation", async () => {
      const { endpoints } = await replay.send("apiDocumentation");
      expect(endpoints).toHaveLength(operationsOf(api).length);
    });
  });
}

describe("what forgets", () => {
  for (const mount of Object.keys(mounts))
    it(`is sent last through ${mount}, and no operation was left out`, async () => {
      const replay = replays.get(mount)!;
      await replay.send("painterClearCache");
      await replay.send("painterDeleteSession");
      const all = operationsOf(api).map(({ operation }) => operation.operationId as string);
      expect([...replay.sent].sort()).toEqual(all.sort());
    });
});
