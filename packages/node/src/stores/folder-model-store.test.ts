import { createHash } from "node:crypto";
import { mkdir, mkdtemp, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createFolderModelStore } from "./folder-model-store.js";

const weights = Uint8Array.from({ length: 2_500_000 }, (_, index) => index % 253);
const sha256 = createHash("sha256").update(weights).digest("hex");
const file = { name: "encoder.onnx", bytes: weights.length, sha256 };
let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "maskery-models-"));
  await writeFile(join(folder, file.name), weights);
});
afterEach(() => rm(folder, { recursive: true, force: true }));

test("gives the path of a file that is right, and reports progress while it reads", async () => {
  const progress: number[] = [];
  const store = createFolderModelStore(folder);
  const onProgress = ({
    receivedBytes,
    totalBytes,
  }: {
    receivedBytes: number;
    totalBytes: number | undefined;
  }) => {
    expect(totalBytes).toBe(weights.length);
    progress.push(receivedBytes);
  };
  expect(await store.fetch(file, { onProgress })).toEqual({ kind: "path", path: join(folder, file.name) });
  expect(progress).toEqual([1_048_576, 2_097_152, 2_500_000]);
  // Known by now: not read again.
  await store.fetch(file, { onProgress });
  await createFolderModelStore(folder).fetch({ ...file, sha256: sha256.toUpperCase() }, { onProgress });
  expect(progress).toHaveLength(3);
});

test("trusts what the catalogue does not know", async () => {
  expect(await createFolderModelStore(folder).fetch({ name: file.name })).toMatchObject({ kind: "path" });
});

test("finds files in folders below", async () => {
  await mkdir(join(folder, "onnx"));
  await writeFile(join(folder, "onnx", "decoder.onnx"), "x");
  const found = await createFolderModelStore(folder).fetch({ name: "onnx/decoder.onnx" });
  expect(found).toEqual({ kind: "path", path: join(folder, "onnx", "decoder.onnx") });
});

test("refuses a file of another size or another content", async () => {
  const store = createFolderModelStore(folder);
  await expect(store.fetch({ ...file, bytes: 7 })).rejects.toMatchObject({
    code: "MODEL_CORRUPT",
    message: expect.stringContaining("expected 7 bytes"),
  });
  await expect(store.fetch({ ...file, sha256: "0".repeat(64) })).rejects.toMatchObject({
    code: "MODEL_CORRUPT",
    message: expect.stringContaining(sha256),
  });
});

test("notices that a file has changed since it was found right", async () => {
  const store = createFolderModelStore(folder);
  await store.fetch(file);
  const changed = Uint8Array.from(weights);
  changed[1_000_000] = 255;
  await writeFile(join(folder, file.name), changed);
  await expect(store.fetch(file)).rejects.toMatchObject({ code: "MODEL_CORRUPT" });
  // Even when somebody sets back its time.
  await writeFile(join(folder, file.name), weights);
  await utimes(join(folder, file.name), 1000, 1000);
  await store.fetch(file);
  await writeFile(join(folder, file.name), changed);
  await utimes(join(folder, file.name), 1000, 1000);
  await expect(store.fetch(file)).rejects.toMatchObject({ code: "MODEL_CORRUPT" });
});

test("says what is missing", async () => {
  const store = createFolderModelStore(folder);
  await mkdir(join(folder, "directory.onnx"));
  for (const name of ["missing.onnx", "directory.onnx", "encoder.onnx/below", "x".repeat(300)]) {
    await expect(store.fetch({ name })).rejects.toMatchObject({ code: "MODEL_NOT_FOUND" });
  }
  await expect(createFolderModelStore(join(folder, "no", "folder")).fetch(file)).rejects.toMatchObject({
    code: "MODEL_NOT_FOUND",
  });
});

test.each(["", ".", "..", "../other/encoder.onnx", "a/../../encoder.onnx", "zero\0byte"])(
  "refuses the name %j",
  async (name) => {
    await expect(createFolderModelStore(folder).fetch({ name })).rejects.toMatchObject({
      code: "INVALID_INPUT",
      field: "file.name",
    });
  },
);

test("stops when aborted, before and while reading", async () => {
  const store = createFolderModelStore(folder);
  await expect(store.fetch(file, { signal: AbortSignal.abort() })).rejects.toMatchObject({ code: "ABORTED" });
  const controller = new AbortController();
  const fetching = store.fetch(file, { signal: controller.signal, onProgress: () => controller.abort() });
  await expect(fetching).rejects.toMatchObject({ code: "ABORTED" });
  expect(await store.fetch(file)).toMatchObject({ kind: "path" });
});
