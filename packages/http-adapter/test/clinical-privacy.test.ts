import { inspect } from "node:util";
import type { Logger } from "@maskery/http-adapter";
import {
  type CacheStore,
  createMemoryCacheStore,
  createNodePlatform,
  MaskeryError,
  Segmenter,
} from "@maskery/node";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { type ApiServer, serveApi } from "./support/api-server.js";
import { disc } from "./support/pictures.js";
import { createWatchedSegmenter, type WatchedSegmenter } from "./support/watched-segmenter.js";

const path = "/api/segmentation/sam2";
/** Nothing of it may be read anywhere but in the answer to whoever sent it. */
const patient = "Schröder-Beispiel, Änne 7731909";
const secrets = [/Schr/, /Beispiel/, /7731909/];

let watched: WatchedSegmenter;
let slice: Uint8Array;
beforeAll(async () => {
  watched = await createWatchedSegmenter();
  slice = await disc(160, 120, [80, 60], 30);
});
const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  watched.failure = undefined;
  for (const close of closers.splice(0)) await close();
});
afterAll(() => watched.segmenter.dispose());

async function serve(
  options: Parameters<typeof serveApi>[1] = {},
): Promise<ApiServer & { log: () => string }> {
  const lines: unknown[] = [];
  const write = (fields: object, message: string) => void lines.push([fields, message]);
  const logger: Logger = { debug: write, info: write, warn: write, error: write };
  const server = await serveApi(watched, { logger, ...options });
  closers.push(server.close);
  // As deep as any logger would go, causes included.
  return { ...server, log: () => inspect(lines, { depth: 20, maxStringLength: null, showHidden: true }) };
}

const payload = (more: object = {}, bytes: Uint8Array = slice) => ({
  image_data: Buffer.from(bytes).toString("base64"),
  image_type: "L3",
  patient_id: patient,
  slice_index: 0,
  ...more,
});

function expectNoSecret(text: string): void {
  for (const secret of secrets) expect(text).not.toMatch(secret);
}

describe("no patient's result reaches a request about another", () => {
  it("the same pixels of another patient, slice or context, and other pixels, ask the model", async () => {
    const { caller } = await serve();
    const first = await caller.postJson(path, payload());
    expect(first).toMatchObject({ cached: false, patient_id: patient });
    const others = [
      payload({ patient_id: "other" }),
      payload({ slice_index: 1 }),
      payload({ slice_index: null }),
      payload({ image_type: "middle" }),
      payload({}, await disc(160, 120, [81, 60], 30)),
    ];
    for (const other of others) {
      const before = watched.runs.decodes;
      const answer = await caller.postJson(path, other);
      expect(answer.cached).toBe(false);
      expect(answer.patient_id).toBe(other.patient_id);
      expect(watched.runs.decodes).toBeGreaterThan(before);
    }
    // And each of them is remembered for itself: no model runs.
    const before = { ...watched.runs };
    for (const known of [payload(), ...others]) {
      const answer = await caller.postJson(path, known);
      expect(answer).toMatchObject({
        cached: true,
        patient_id: known.patient_id,
        image_type: known.image_type,
      });
      expect(answer.slice_index).toBe(known.slice_index ?? undefined);
    }
    expect(watched.runs).toEqual(before);
  });

  it("what the store keeps says nothing of the patient, not even in its keys", async () => {
    const kept: string[] = [];
    const memory = createMemoryCacheStore({ maxBytes: 1_000_000 });
    const cache: CacheStore = {
      ...memory,
      get: (key) => {
        kept.push(key);
        return memory.get(key);
      },
      set: (key, bytes, options) => {
        kept.push(key, new TextDecoder().decode(bytes));
        return memory.set(key, bytes, options);
      },
    };
    const { caller } = await serve({ apis: { clinical: { cache } } });
    await caller.postJson(path, payload());
    expect((await caller.postJson(path, payload())).cached).toBe(true);
    expect(kept.length).toBeGreaterThanOrEqual(4);
    for (const text of kept) {
      expectNoSecret(text);
      expectNoSecret(Buffer.from(text.split(" ").at(-1)!, "base64").toString());
    }
  });

  it("a model of the same name with other weights is asked anew", async () => {
    const cache = createMemoryCacheStore({ maxBytes: 1_000_000 });
    const first = await serve({ apis: { clinical: { cache } } });
    await first.caller.postJson(path, payload());
    const { placement } = watched.segmenter;
    const retrained = new Segmenter(
      {
        ...placement,
        decoder: { ...placement.decoder, dispose: async () => {} },
        encoder: { ...placement.encoder, modelFingerprint: "other weights", dispose: async () => {} },
      },
      createNodePlatform(),
    );
    const second = await serve({ segmenter: retrained, apis: { clinical: { cache } } });
    expect((await second.caller.postJson(path, payload())).cached).toBe(false);
  });
});

describe("nothing of a patient stands in error texts or logs", () => {
  const refusals: readonly (readonly [string, () => unknown])[] = [
    ["an id that is too long", () => payload({ patient_id: patient.repeat(20) })],
    ["an id that is no text", () => payload({ patient_id: [patient] })],
    ["an id that is a number", () => payload({ patient_id: 7731909 })],
    [
      "an id that looks like our own words",
      () => payload({ patient_id: `${patient}, received `.repeat(20) }),
    ],
    ["another context", () => payload({ image_type: patient })],
    ["a slice that is none", () => payload({ slice_index: patient })],
    ["a reference", () => payload({ image_data: `${patient}/scan.png` })],
    ["a reference with a plain key", () => payload({ image_data: "Beispiel/7731909.dcm" })],
    ["no base64", () => payload({ image_data: `${payload().image_data.slice(0, 300)}${patient}` })],
    ["a data URL that is none", () => payload({ image_data: `data:${patient}` })],
    ["no picture", () => payload({ image_data: Buffer.from(`${patient} `.repeat(20)).toString("base64") })],
    ["a broken picture", () => payload({}, slice.subarray(0, 400))],
    ["an array", () => [patient]],
  ];
  for (const [what, body] of refusals)
    it(what, async () => {
      const { caller, log } = await serve();
      const refused = await caller.post(path, body());
      expect(refused.status).toBe(400);
      expectNoSecret(await refused.text());
      expectNoSecret(log());
      expect(log()).toContain("clinicalSegment");
    });

  it("a body that is no JSON", async () => {
    const { caller, log } = await serve();
    const headers = { "content-type": "application/json" };
    const refused = await caller.fetch("POST", path, { headers, body: `{"patient_id": "${patient}", ` });
    expect(refused.status).toBe(400);
    expectNoSecret(await refused.text());
    expectNoSecret(log());
  });

  it("a model that fails, one that works, and the health of both", async () => {
    const { caller, log } = await serve();
    watched.failure = new MaskeryError("INFERENCE_FAILED", "out of luck");
    const bytes = await disc(90, 80, [40, 40], 20);
    const failed = await caller.post(path, payload({}, bytes));
    expect(failed.status).toBe(503);
    expectNoSecret(await failed.text());
    watched.failure = undefined;
    expect((await caller.postJson(path, payload({}, bytes))).patient_id).toBe(patient);
    expectNoSecret(JSON.stringify(await caller.getJson("/api/segmentation/health")));
    expect(log()).toContain("out of luck");
    expectNoSecret(log());
  });
});
