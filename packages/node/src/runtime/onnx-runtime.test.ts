import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describeRuntime } from "@maskery/core/testing";
import { afterAll, expect, test } from "vitest";
import { createOnnxRuntime } from "./onnx-runtime.js";

const folders: string[] = [];

afterAll(async () => {
  await Promise.all(folders.map((folder) => rm(folder, { recursive: true, force: true })));
});

describeRuntime("onnxruntime-node in workers", () => createOnnxRuntime(), {
  writeFiles: async (files) => {
    const folder = await mkdtemp(join(tmpdir(), "maskery-runtime-"));
    folders.push(folder);
    const entries = Object.entries(files).map(async ([name, bytes]): Promise<[string, string]> => {
      const path = join(folder, name);
      await writeFile(path, bytes);
      return [name, path];
    });
    return Object.fromEntries(await Promise.all(entries));
  },
});

test("a broken model is named, but not the folder it lies in", async () => {
  // A folder that sounds like a device must not make the processor look like the trouble.
  const folder = await mkdtemp(join(tmpdir(), "maskery-CUDA-"));
  folders.push(folder);
  const path = join(folder, "broken.onnx");
  await writeFile(path, "no model");
  const runtime = createOnnxRuntime();
  const error: unknown = await runtime
    .load({ model: { kind: "path", path } })
    .catch((reason: unknown) => reason);
  await runtime.dispose();
  expect(error).toMatchObject({ code: "MODEL_CORRUPT", message: expect.stringContaining("broken.onnx") });
  expect(String(error)).not.toContain(folder);
});

test.each([0, -1, 1.5, Number.NaN])("refuses %s threads", async (threads) => {
  expect(() => createOnnxRuntime({ threads })).toThrow(/threads: expected a positive whole number/);
});
