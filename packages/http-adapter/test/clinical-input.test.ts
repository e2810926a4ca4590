import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { MaskeryError, type MaskeryErrorCode } from "@maskery/node";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { type ApiServer, serveApi } from "./support/api-server.js";
import type { Caller } from "./support/caller.js";
import { disc, readMask } from "./support/pictures.js";
import { createWatchedSegmenter, type WatchedSegmenter } from "./support/watched-segmenter.js";

const path = "/api/segmentation/sam2";

let watched: WatchedSegmenter;
let slice: Uint8Array;
let base64: string;
beforeAll(async () => {
  watched = await createWatchedSegmenter();
  slice = await disc(160, 120, [80, 60], 30);
  base64 = Buffer.from(slice).toString("base64");
});
const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  watched.failure = undefined;
  watched.gate = undefined;
  for (const close of closers.splice(0)) await close();
});
afterAll(() => watched.segmenter.dispose());

async function serve(options: Parameters<typeof serveApi>[1] = {}): Promise<ApiServer> {
  const server = await serveApi(watched, options);
  closers.push(server.close);
  return server;
}

const segment = (caller: Caller, image_data: string, more: object = {}) =>
  caller.postJson(path, { image_data, image_type: "L3", patient_id: "p-1", ...more });

describe("image_data", () => {
  it("is the same picture in every form of base64", async () => {
    const { caller } = await serve();
    const first = await segment(caller, base64);
    expect(first.cached).toBe(false);
    const forURLs = base64.replaceAll("+", "-").replaceAll("/", "_");
    for (const [form, text] of Object.entries({
      "lines of 76": base64.replace(/.{76}/g, "$&\r\n"),
      "lines of 64, begun by one": `\n${base64.replace(/.{64}/g, "$&\n")}\n`,
      "tabs and spaces": base64.replace(/.{1000}/g, "$& \t"),
      "the alphabet for URLs": forURLs,
      "the same without padding": forURLs.replace(/=+$/, ""),
      "without padding": base64.replace(/=+$/, ""),
      "a data URL": `data:image/png;base64,${base64}`,
      "a data URL in capitals": `DATA:IMAGE/PNG;BASE64,${base64}`,
      "a data URL with parameters": `data:image/png;name=a.png;charset=utf-8;base64,${base64}`,
      "a data URL of another type": `data:application/octet-stream;base64,${base64}`,
      "a data URL after a space": ` data:image/png;base64,${base64}`,
      "a data URL with line breaks": `data:image/png;base64,${base64.replace(/.{76}/g, "$&\n")}`,
    })) {
      const answer = await segment(caller, text);
      expect([answer.cached, answer.mask_data], form).toEqual([true, first.mask_data]);
    }
    for (const [damage, text] of Object.entries({
      "a foreign character": `${base64.slice(0, 400)}*${base64.slice(401)}`,
      "padding in the middle": `${base64.slice(0, 400)}==${base64.slice(402)}`,
      "a data URL without base64": `data:image/svg+xml,${"a".repeat(100)}`,
      "nothing but space": " ".repeat(100),
      "nothing after the comma": "data:image/png;base64,",
    })) {
      const refused = await caller.post(path, { image_data: text, image_type: "L3", patient_id: "p-1" });
      expect(refused.status, damage).toBe(400);
      expect(await refused.json(), damage).toMatchObject({ field: "image_data" });
    }
  });

  it("may be the path that a session shows, with the name of its folder or without", async () => {
    const { caller } = await serve();
    const { session_id } = await caller.json(
      caller.upload("/upload", new Blob([new Uint8Array(slice)]), "a.png"),
    );
    const { file_path } = await caller.getJson(`/session/${session_id}?include=`);
    expect((await segment(caller, file_path)).cached).toBe(false);
    expect((await segment(caller, file_path.replace("uploads/", ""))).cached).toBe(true);
    expect((await segment(caller, base64)).cached).toBe(true);
  });

  it("may be a name that the host knows, one of base64 letters too", async () => {
    const name = createHash("sha256").update("series 7, slice 12").digest("hex");
    const asked: string[] = [];
    const resolveFile = async (reference: string) => {
      asked.push(reference);
      return reference === name || reference === "series/7/12" ? slice : undefined;
    };
    const { caller } = await serve({ apis: { clinical: { resolveFile } } });
    expect((await segment(caller, name)).cached).toBe(false);
    expect((await segment(caller, "series/7/12")).cached).toBe(true);
    expect((await segment(caller, base64)).cached).toBe(true);
    expect(asked).toEqual([name, "series/7/12"]);
    for (const unknown of ["series/7/13", "a".repeat(64)])
      expect(
        (await caller.post(path, { image_data: unknown, image_type: "L3", patient_id: "p-1" })).status,
      ).toBe(400);
  });
});

describe("the rest of the request", () => {
  it("null says that there is no slice_index; unknown members change nothing", async () => {
    const { caller } = await serve();
    const first = await segment(caller, base64);
    expect(first).not.toHaveProperty("slice_index");
    const again = await segment(caller, base64, { slice_index: null, study: { id: 7 }, cached: false });
    expect(again).toMatchObject({ cached: true, mask_data: first.mask_data });
    expect(again).not.toHaveProperty("slice_index");
  });

  it("a picture that breaks off is the client's, and named as the request names it", async () => {
    const { caller } = await serve();
    const refused = await caller.post(path, {
      image_data: Buffer.from(slice.subarray(0, slice.length - 60)).toString("base64"),
      image_type: "L3",
      patient_id: "p-1",
    });
    expect(refused.status).toBe(400);
    expect(await refused.json()).toMatchObject({ code: "CORRUPT_IMAGE", field: "image_data" });
  });
});

describe("which object is meant, where nobody says", () => {
  it("is one that the picture shows whole, and no strip of background along its border", async () => {
    const { caller } = await serve();
    const coins = await readFile(new URL("../../../examples/photos/coins.png", import.meta.url));
    const { mask_data, bounding_box } = await segment(caller, coins.toString("base64"));
    const mask = await readMask(mask_data);
    let onBorder = 0;
    for (let x = 0; x < mask.width; x++)
      onBorder += Number(mask.isInside(x, 0)) + Number(mask.isInside(x, mask.height - 1));
    for (let y = 0; y < mask.height; y++)
      onBorder += Number(mask.isInside(0, y)) + Number(mask.isInside(mask.width - 1, y));
    expect(mask.area).toBeGreaterThan(500);
    expect(onBorder / (2 * (mask.width + mask.height))).toBeLessThan(0.15);
    expect(bounding_box.width).toBeLessThan(mask.width / 2);
  });
});

describe("Scenario: SAM2 processing failure, whatever the service behind it answers", () => {
  const codes: readonly MaskeryErrorCode[] = [
    "INVALID_INPUT",
    "UNSUPPORTED_FORMAT",
    "UNSUPPORTED_PROMPT",
    "CORRUPT_IMAGE",
    "IMAGE_TOO_LARGE",
    "NOT_FOUND",
    "UNAUTHORIZED",
    "FORBIDDEN",
    "RATE_LIMITED",
    "CONFLICT",
    "EXPIRED",
    "UPSTREAM_FAILED",
    "OUT_OF_MEMORY",
    "DEVICE_UNAVAILABLE",
    "MODEL_CORRUPT",
    "MODEL_NOT_FOUND",
    "STORAGE_FAILED",
    "INFERENCE_FAILED",
    "INTERNAL",
  ];
  it("is 503 and no fault of the client's, with the details in the log alone", async () => {
    const logged: { operation?: string; error?: { cause?: unknown } }[] = [];
    const note = (fields: object) => void logged.push(fields);
    const silent = () => {};
    const { caller } = await serve({ logger: { debug: silent, info: silent, warn: note, error: note } });
    const failures = [
      ...codes.map((code) => new MaskeryError(code, "the key is 0815")),
      new Error("the key is 0815"),
    ];
    for (const [index, failure] of failures.entries()) {
      watched.failure = failure;
      const name = MaskeryError.is(failure) ? failure.code : "an Error";
      const bytes = await disc(60 + index, 50, [30, 25], 15);
      const answer = await caller.post(path, {
        image_data: Buffer.from(bytes).toString("base64"),
        image_type: "L3",
        patient_id: "p-1",
      });
      expect(answer.status, name).toBe(503);
      expect(Number(answer.headers.get("retry-after")), name).toBeGreaterThan(0);
      const { detail } = (await answer.json()) as { detail: string };
      expect(detail.length, name).toBeGreaterThan(15);
      expect(detail, name).not.toContain("0815");
      const { operation, error } = logged.at(-1)!;
      expect(operation, name).toBe("clinicalSegment");
      expect([error, error?.cause], name).toContain(failure);
    }
  });
});

describe("the same slice sent twice at once", () => {
  it("is one run of the model: where there is room for one, the second waits for it and is not refused", async () => {
    const { caller } = await serve({ concurrency: { maxRunning: 1, maxWaiting: 0 } });
    const bytes = Buffer.from(await disc(111, 99, [50, 50], 25)).toString("base64");
    let open = () => {};
    watched.gate = new Promise((resolve) => {
      open = () => resolve();
    });
    const before = watched.runs.encodes;
    const first = segment(caller, bytes);
    await expect.poll(() => watched.held).toBe(1);
    const second = segment(caller, bytes);
    // Another patient's request is no part of it.
    const other = await caller.post(path, { image_data: bytes, image_type: "L3", patient_id: "p-2" });
    expect(other.status).toBe(503);
    open();
    const [one, two] = await Promise.all([first, second]);
    expect(two.mask_data).toBe(one.mask_data);
    expect(watched.runs.encodes - before).toBe(1);
  });
});
