import { createHash } from "node:crypto";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { classCatalogue, foregroundCatalogue } from "@maskery/core/classes";
import {
  type ClassGraphModel,
  type ForegroundGraphModel,
  fourShapes,
  segformerModel,
  u2netModel,
} from "@maskery/core/testing";
import { createSegmenter } from "@maskery/node";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type ModelServer, startModelServer } from "../src/test-support/model-server.js";
import { maskery, photo } from "./cli-process.js";

const named = segformerModel();
const matting = u2netModel();
const { picture } = fourShapes("commands", 240, 160);

let server: ModelServer;
let folder: string;

beforeAll(async () => {
  server = await startModelServer({
    "named.onnx": named.model,
    "matting.onnx": matting.model,
  });
});
afterAll(() => server.close());

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "maskery-task-models-"));
  server.requests.length = 0;
  await describeModel("named@1", named, "named.onnx");
  await describeModel("matting@2", matting, "matting.onnx");
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** A model of the user's own in the model folder, known by its description alone. */
async function describeModel(
  name: string,
  { spec, model }: ClassGraphModel | ForegroundGraphModel,
  file: string,
): Promise<void> {
  const [id, version] = name.split("@") as [string, string];
  const sha256 = createHash("sha256").update(model).digest("hex");
  const files = { model: { name: "model.onnx", sha256, url: server.address + file } };
  await mkdir(join(folder, "models", name), { recursive: true });
  const description = JSON.stringify({ ...spec, id, version, files });
  await writeFile(join(folder, "models", name, "maskery.json"), description);
}

const models = (...args: string[]) =>
  maskery(["models", ...args], { env: { MASKERY_MODEL_DIR: join(folder, "models"), MASKERY_OFFLINE: "" } });

describe("maskery models, with models that take no prompts", () => {
  it("lists them with their task", async () => {
    const { stdout } = await models("list");
    for (const [task, catalogue] of [
      ["classes", classCatalogue],
      ["foreground", foregroundCatalogue],
    ] as const)
      for (const { id } of catalogue)
        expect(stdout).toMatch(new RegExp(`^${id.replaceAll(".", "\\.")} +${task} `, "m"));
    expect(stdout).toMatch(/^sam2\.1-tiny +prompt /m);
    expect(stdout).toMatch(/^segformer-b0 .*NVIDIA-SegFormer \* +fp32, fp16, q8 +15\.3 MB +-$/m);
    expect(stdout).toMatch(/^named +classes .*-$/m);
    const listed = JSON.parse((await models("list", "--json")).stdout) as { id: string; task: string }[];
    const tasks = Object.fromEntries(listed.map(({ id, task }) => [id, task]));
    expect(tasks).toMatchObject({
      nano: "prompt",
      "detr-panoptic": "classes",
      u2netp: "foreground",
      named: "classes",
      matting: "foreground",
    });
  }, 30_000);

  it("tells all about one", async () => {
    const text = (await models("info", "mask-rcnn")).stdout;
    expect(text).toMatch(/^task +classes: .*classModel/m);
    expect(text).toMatch(/^form +box-masks$/m);
    expect(text).toMatch(/^labels +coco-background$/m);
    expect(text).toMatch(/^picture +shorter side 800, longer side at most 1333$/m);
    expect(text).toContain("4409935e855719fd6cd986f7ec2a3de840d0bd9c9cf7a0cba84ce95377f5b476");
    expect((await models("info", "rmbg-1.4")).stdout).toMatch(/^picture +1024 × 1024, stretch$/m);
    const json = JSON.parse((await models("info", "u2netp", "--json")).stdout) as object;
    expect(json).toMatchObject({
      id: "u2netp",
      task: "foreground",
      layout: null,
      precisions: { model: ["fp32"] },
      source: "catalogue",
      isHere: false,
    });
  }, 30_000);

  it("pulls, verifies, packs and removes them; the bundle works without a network", async () => {
    const pulled = await models("pull", "named", "matting");
    expect(pulled).toMatchObject({ exitCode: 0, stderr: "" });
    expect(pulled.stdout).toMatch(
      /^named: model fp32, .* in .*named@1\nmatting: model fp32, .* in .*matting@2\n$/,
    );
    expect(server.requests).toHaveLength(2);
    const verified = (await models("verify")).stdout;
    expect(verified).toContain("named  model.onnx  right\n");
    expect(verified).toContain("matting  model.onnx  right\n");

    const bundle = join(folder, "bundle");
    expect(await models("pack", "named", "matting", "--out", bundle)).toMatchObject({
      exitCode: 0,
      stderr: "",
    });
    expect((await readdir(bundle)).sort()).toEqual(["matting@2", "named@1"]);
    const description = JSON.parse(await readFile(join(bundle, "named@1", "maskery.json"), "utf8")) as object;
    expect(description).toMatchObject({
      task: "classes",
      files: { model: { name: "model.onnx", bytes: named.model.length } },
    });
    for (const [classModel, foregroundModel] of [
      ["named", "matting"],
      [join(bundle, "named@1"), join(bundle, "matting@2")],
    ] as const) {
      const segmenter = await createSegmenter({
        device: "cpu",
        classModel,
        foregroundModel,
        modelDirectory: bundle,
        offline: true,
      });
      try {
        const { source, segments } = await segmenter.classes(picture.image);
        expect(source).toBe("classes");
        expect(segments.find((segment) => segment.class === "bus")!.mask.iou(picture.red)).toBeGreaterThan(
          0.95,
        );
        expect((await segmenter.foreground(picture.image)).mask.iou(picture.red)).toBeGreaterThan(0.95);
      } finally {
        await segmenter.dispose();
      }
    }
    expect(server.requests).toHaveLength(2);

    await writeFile(join(folder, "models", "named@1", "model.onnx"), "damaged");
    const damaged = await models("verify", "named");
    expect(damaged).toMatchObject({ exitCode: 1 });
    expect(damaged.stderr).toMatch(/^maskery: wrong files: named model\.onnx; /);
    expect(await models("remove", "named", "matting")).toMatchObject({ exitCode: 0, stderr: "" });
    expect(await readdir(join(folder, "models"))).toEqual([]);
  }, 90_000);

  it("knows the files of the catalogue's", async () => {
    const kept = join(folder, "models", "u2netp@v0.0.0");
    await mkdir(kept);
    await writeFile(join(kept, "u2netp.onnx"), "damaged");
    const damaged = await models("verify", "u2netp");
    expect(damaged).toMatchObject({ exitCode: 1 });
    expect(damaged.stdout).toMatch(/^u2netp {2}u2netp\.onnx {2}expected 4574861 bytes, found 7$/m);
    expect((await models("list")).stdout).toMatch(/^u2netp +foreground .*unfinished$/m);
    expect(await models("remove", "u2netp")).toMatchObject({ exitCode: 0, stderr: "" });
    expect(await readdir(join(folder, "models"))).not.toContain("u2netp@v0.0.0");
    expect(await models("remove", "u2netp")).toMatchObject({ exitCode: 2 });
  }, 60_000);

  it("asks for acceptance where the terms do, before anything is asked", async () => {
    for (const id of ["segformer-b0", "yolo11n-seg", "rmbg-1.4"]) {
      const refused = await models("pull", id, "--mirror", server.address);
      expect(refused).toMatchObject({ exitCode: 2, stdout: "" });
      expect(refused.stderr).toContain("--accept-license");
    }
    expect(server.requests).toEqual([]);
  }, 60_000);

  it("says where a model belongs that was asked for prompts", async () => {
    const args = ["segment", photo("chelsea.png"), "--point", "1,1", "--model"];
    for (const [id, option] of [
      ["detr-panoptic", "classModel"],
      ["u2netp", "foregroundModel"],
    ] as const) {
      const refused = await maskery([...args, id]);
      expect(refused).toMatchObject({ exitCode: 2, stdout: "" });
      expect(refused.stderr).toMatch(
        new RegExp(`^maskery: model: .*"${id}", which takes no prompts.*${option}\n$`),
      );
    }
  }, 60_000);
});
