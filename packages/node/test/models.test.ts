import { createHash } from "node:crypto";
import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import type { ModelFile, ModelSpec } from "@maskery/core";
import { drawScene, sam2SamexporterModel } from "@maskery/core/testing";
import { createModelStore, createSegmenter, findModel, packModel } from "@maskery/node";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { builtInModelFolder } from "../src/built-in-model.js";
import { moveWeightsOut } from "../src/test-support/external-weights.js";
import { type ModelServer, startModelServer } from "../src/test-support/model-server.js";
import { photo } from "./cli-process.js";

const cat = photo("chelsea.png");
const click = [{ x: 200, y: 150 }];

/** The built-in model as exporters lay out large ones: the encoder with its weights beside it. */
const contents: Record<string, Uint8Array> = {};
let nano: ModelSpec;
let described: ModelSpec;

let server: ModelServer;
let folder: string;
const environment = ["MASKERY_MODEL_DIR", "MASKERY_MODEL_MIRROR", "MASKERY_OFFLINE"] as const;

beforeAll(async () => {
  nano = (await findModel("nano")).spec;
  const encoder = await readFile(join(builtInModelFolder(), "encoder.onnx"));
  const { model, data } = moveWeightsOut(encoder, "encoder_fp32.onnx_data");
  expect(data.length).toBeGreaterThan(500_000);
  contents["encoder_fp32.onnx"] = model;
  contents["encoder_fp32.onnx_data"] = data;
  contents["decoder.onnx"] = await readFile(join(builtInModelFolder(), "decoder.onnx"));
  server = await startModelServer(contents);
  const fileOf = (name: string): Required<ModelFile> => ({
    name,
    bytes: contents[name]!.length,
    sha256: createHash("sha256").update(contents[name]!).digest("hex"),
    url: server.address + name,
  });
  const { layout: _, ...rest } = nano;
  // Without a layout: found by the tensors.
  described = {
    ...rest,
    id: "nano-downloaded",
    files: {
      encoder: { ...fileOf("encoder_fp32.onnx"), externalData: [fileOf("encoder_fp32.onnx_data")] },
      decoder: fileOf("decoder.onnx"),
    },
  };
});
afterAll(() => server.close());

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "maskery-models-"));
  server.requests.length = 0;
  for (const name of environment) delete process.env[name];
});
afterEach(async () => {
  for (const name of environment) delete process.env[name];
  await rm(folder, { recursive: true, force: true });
});

async function maskWith(options: Parameters<typeof createSegmenter>[0]) {
  const segmenter = await createSegmenter({ device: "cpu", ...options });
  try {
    return { model: segmenter.model, mask: (await segmenter.segment(cat, click)).best };
  } finally {
    await segmenter.dispose();
  }
}

describe("a model that is downloaded", () => {
  test("segments as the same model from the package does, and later without a network", async () => {
    const { mask: expected } = await maskWith({});
    const seen: number[] = [];
    const total = Object.values(contents).reduce((sum, bytes) => sum + bytes.length, 0);
    const { model, mask } = await maskWith({
      model: described,
      modelDirectory: folder,
      onProgress: (progress) => {
        expect(progress).toMatchObject({ model: "nano-downloaded", totalBytes: total });
        seen.push(progress.receivedBytes);
      },
    });
    expect(model).toBe("nano-downloaded");
    expect(mask.iou(expected)).toBe(1);
    expect(seen.at(-1)).toBe(total);
    expect(server.requests).toHaveLength(3);

    process.env["MASKERY_OFFLINE"] = "1";
    const offline = await maskWith({ model: described, modelDirectory: folder });
    expect(offline.mask.iou(expected)).toBe(1);
    expect(server.requests).toHaveLength(3);
    const names = (await readdir(join(folder, "nano-downloaded@0.1.0"))).filter(
      (name) => !name.startsWith("."),
    );
    expect(names.sort()).toEqual(Object.keys(contents).sort());
  });

  test("goes into a bundle that is a model folder, a model directory and a mirror", async () => {
    const { spec, folder: kept } = await findModel(described, { modelDirectory: join(folder, "cache") });
    const store = createModelStore(spec, { folder: kept, modelDirectory: join(folder, "cache") });
    const bundle = await packModel(spec, store, join(folder, "bundle"));
    expect(basename(bundle)).toBe("nano-downloaded@0.1.0");
    const asked = server.requests.length;
    process.env["MASKERY_OFFLINE"] = "1";
    const { mask: expected } = await maskWith({});
    for (const model of [bundle, "nano-downloaded"]) {
      process.env["MASKERY_MODEL_DIR"] = join(folder, "bundle");
      expect((await maskWith({ model })).mask.iou(expected), model).toBe(1);
    }
    expect(server.requests).toHaveLength(asked);

    delete process.env["MASKERY_OFFLINE"];
    const mirror = await startModelServer(
      Object.fromEntries(
        await Promise.all(
          (await readdir(bundle)).map(
            async (name) => [`${basename(bundle)}/${name}`, await readFile(join(bundle, name))] as const,
          ),
        ),
      ),
    );
    try {
      process.env["MASKERY_MODEL_MIRROR"] = mirror.address;
      const mirrored = await maskWith({ model: described, modelDirectory: join(folder, "elsewhere") });
      expect(mirrored.mask.iou(expected)).toBe(1);
      expect(mirror.requests).toHaveLength(3);
      expect(server.requests).toHaveLength(asked);
    } finally {
      await mirror.close();
    }
  });

  test("fails whole: the half that is there is not waited for, and nothing stays loaded", async () => {
    const missing: ModelSpec = {
      ...described,
      files: { ...described.files, decoder: { name: "gone.onnx", url: `${server.address}gone.onnx` } },
    };
    // An encoder that never ends: only stopping it lets the call fail.
    const hanging = (path: string) => path.endsWith("encoder_fp32.onnx_data");
    for (let request = 0; request < 3; request += 1) {
      server.behaviours.push((asked, response, serve) => {
        if (hanging(asked.path)) response.writeHead(200, { "content-length": "9" });
        else serve();
      });
    }
    await expect(maskWith({ model: missing, modelDirectory: folder })).rejects.toMatchObject({
      code: "MODEL_NOT_FOUND",
    });
    server.behaviours.length = 0;
  });
});

describe("a model's terms", () => {
  test("are accepted by word, or the model is neither loaded nor downloaded", async () => {
    const terms = {
      name: "House Rules",
      url: "https://example.org/rules",
      acceptance: "required",
    } as const;
    const model: ModelSpec = { ...described, terms };
    for (const acceptLicense of [undefined, false]) {
      await expect(
        maskWith({ model, modelDirectory: folder, ...(acceptLicense !== undefined && { acceptLicense }) }),
      ).rejects.toMatchObject({
        code: "FORBIDDEN",
        field: "acceptLicense",
        message: expect.stringMatching(
          /House Rules.*https:\/\/example\.org\/rules.*acceptLicense.*--accept-license/,
        ),
      });
    }
    await expect(maskWith({ model: "sam3-tracker", modelDirectory: folder })).rejects.toMatchObject({
      code: "FORBIDDEN",
    });
    expect(server.requests).toEqual([]);
    await maskWith({ model, modelDirectory: folder, acceptLicense: true });
  });
});

describe("a model folder", () => {
  async function writeModel(spec: object): Promise<string> {
    const path = join(folder, "own");
    const drawn = sam2SamexporterModel();
    await mkdir(path, { recursive: true });
    await writeFile(join(path, "encoder.onnx"), drawn.encoder);
    await writeFile(join(path, "decoder.onnx"), drawn.decoder);
    await writeFile(join(path, "maskery.json"), JSON.stringify(spec));
    return path;
  }

  test("needs no layout: the tensors tell it", async () => {
    const { layout: _, ...spec } = sam2SamexporterModel().spec;
    const model = await writeModel(spec);
    const segmenter = await createSegmenter({ model, device: "cpu" });
    const picture = drawScene(320, 200, { red: [(x, y) => Math.hypot(x - 0.4, y - 0.5) < 0.25], green: [] });
    const { best } = await segmenter.segment(picture.image, [picture.at(0.4, 0.5)]);
    await segmenter.dispose();
    expect(best.iou(picture.red)).toBeGreaterThan(0.95);
  });

  test.each([
    [{ image: { size: 999, resize: "stretch", mean: [0, 0, 0], std: [1, 1, 1] } }, /image\.size is 999/],
    [{ maskInputSize: 7 }, /maskInputSize is 7/],
    [{ layout: "sam1-hf" }, /expected a tensor named/],
  ])("whose description does not fit its graphs is refused: %j", async (change, message) => {
    const model = await writeModel({ ...sam2SamexporterModel().spec, ...change });
    await expect(createSegmenter({ model, device: "cpu" })).rejects.toMatchObject({
      code: "MODEL_CORRUPT",
      message: expect.stringMatching(message),
    });
  });

  test("of a later version stands in for the catalogue's in the model directory", async () => {
    const bundle = join(folder, "sam2.1-tiny@later");
    await cp(builtInModelFolder(), bundle, {
      recursive: true,
      filter: (path) => !/train|figures/.test(path),
    });
    await writeFile(
      join(bundle, "maskery.json"),
      JSON.stringify({ ...nano, id: "sam2.1-tiny", version: "later" }),
    );
    for (const name of ["sam2.1-tiny", "sam2.1-hiera-tiny"]) {
      const found = await findModel(name, { modelDirectory: folder });
      expect(found).toMatchObject({ folder: bundle, spec: { version: "later" } });
    }
    expect((await findModel("sam2.1-small", { modelDirectory: folder })).spec.version).toBe("a7df49d8de14");
  });
});

describe("precision", () => {
  test("is chosen by name, by half, or by what is here already", async () => {
    const model: ModelSpec = {
      ...described,
      variants: { q8: described.files },
      files: {
        encoder: { name: "encoder_big.onnx", url: `${server.address}encoder_big.onnx` },
        decoder: { name: "decoder_big.onnx", url: `${server.address}decoder_big.onnx` },
      },
    };
    await expect(maskWith({ model, modelDirectory: folder })).rejects.toMatchObject({
      code: "MODEL_NOT_FOUND",
    });
    await maskWith({ model, modelDirectory: folder, precision: "q8" });
    const asked = server.requests.length;
    await maskWith({ model, modelDirectory: folder });
    await maskWith({ model, modelDirectory: folder, precision: { encoder: "q8", decoder: "q8" } });
    expect(server.requests).toHaveLength(asked);
    await expect(maskWith({ model, modelDirectory: folder, precision: "fp16" })).rejects.toMatchObject({
      code: "INVALID_INPUT",
      message: expect.stringContaining("encoder fp32, q8; decoder fp32, q8"),
    });
  });
});

test.each([
  ["sam2.1", "sam2.1-tiny"],
  ["vit_h", "sam-vit-h"],
  ["nano", "nano"],
])("%s is found as %s without touching the network", async (name, id) => {
  expect((await findModel(name, { modelDirectory: folder })).spec.id).toBe(id);
});

test("an unknown id is answered with similar ones", async () => {
  await expect(findModel("sam2.1-hier", { modelDirectory: folder })).rejects.toMatchObject({
    code: "MODEL_NOT_FOUND",
    message: expect.stringMatching(/like .*sam2\.1-hiera-tiny/),
  });
});
