import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describeRuntime } from "@maskery/core/testing";
import { afterAll } from "vitest";
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
