import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { segformerModel, u2netModel } from "@maskery/core/testing";
import { afterEach, beforeEach, expect, test } from "vitest";
import { inspectModels } from "./models.js";

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "maskery-doctor-models-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function write(name: string, files: Readonly<Record<string, string | Uint8Array>>): Promise<void> {
  await mkdir(join(folder, name));
  for (const [file, content] of Object.entries(files)) await writeFile(join(folder, name, file), content);
}

test("models of every task are told, with what is missing", async () => {
  const [named, subject] = [segformerModel(), u2netModel()];
  await write("named", { "maskery.json": JSON.stringify(named.spec), "model.onnx": named.model });
  const sized = { model: { name: "model.onnx", bytes: subject.model.length } };
  const description = JSON.stringify({ ...subject.spec, files: sized });
  await write("subject", { "maskery.json": description, "model.onnx": "half of it" });
  await write("u2netp@v0.0.0", { "u2netp.onnx": "half of it" });
  await write("only-described", { "maskery.json": JSON.stringify(named.spec) });
  await write("broken", { "maskery.json": "{", "model.onnx": "whatever" });
  await write("no-model", { "notes.txt": "users keep all sorts of things" });
  const warnings: string[] = [];
  expect(await inspectModels(folder, warnings)).toEqual([
    { id: "u2netp", task: "foreground", version: "v0.0.0", state: "unfinished", bytes: 10 },
    { id: named.spec.id, task: "classes", version: "1", state: "complete", bytes: named.model.length },
    { id: subject.spec.id, task: "foreground", version: "1", state: "unfinished", bytes: 10 },
  ]);
  expect(warnings).toEqual([
    expect.stringMatching(/^a folder among the models cannot be used: .*broken.maskery\.json: /),
    'the model u2netp is unfinished: "maskery models pull u2netp" goes on with it',
    `the model ${subject.spec.id} is unfinished: "maskery models pull ${subject.spec.id}" goes on with it`,
  ]);
});

test("a folder that is not there holds nothing", async () => {
  const warnings: string[] = [];
  expect(await inspectModels(join(folder, "absent"), warnings)).toEqual([]);
  expect(warnings).toEqual([]);
});
