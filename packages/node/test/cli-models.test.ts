import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { classCatalogue, foregroundCatalogue } from "@maskery/core/classes";
import { catalogue, findModel, type ModelSpec } from "@maskery/node";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { builtInModelFolder } from "../src/built-in-model.js";
import { type ModelServer, startModelServer } from "../src/test-support/model-server.js";
import { maskery, photo } from "./cli-process.js";

const run = promisify(execFile);
let server: ModelServer;
let folder: string;
let described: ModelSpec;

beforeAll(async () => {
  const bytes = await Promise.all(
    ["encoder.onnx", "decoder.onnx"].map((name) => readFile(join(builtInModelFolder(), name))),
  );
  server = await startModelServer({ "encoder.onnx": bytes[0]!, "decoder.onnx": bytes[1]! });
  const { spec } = await findModel("nano");
  const { sha256: _, ...decoder } = { ...spec.files.decoder, url: `${server.address}decoder.onnx` };
  described = {
    ...spec,
    id: "drawn",
    // A hash that nobody has published, for one of the two.
    files: { encoder: { ...spec.files.encoder, url: `${server.address}encoder.onnx` }, decoder },
  };
});
afterAll(() => server.close());

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "maskery-cli-models-"));
  server.requests.length = 0;
  // A model of the user's own, known by its description alone.
  await mkdir(join(folder, "models", "drawn@0.1.0"), { recursive: true });
  await describeModel(described);
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const describeModel = (spec: ModelSpec) =>
  writeFile(join(folder, "models", "drawn@0.1.0", "maskery.json"), JSON.stringify(spec));

const models = (...args: string[]) =>
  maskery(["models", ...args], { env: { MASKERY_MODEL_DIR: join(folder, "models"), MASKERY_OFFLINE: "" } });

describe("maskery models", () => {
  it("explains itself", async () => {
    const help = await maskery(["models", "--help"]);
    expect(help).toMatchObject({ exitCode: 0, stderr: "" });
    for (const command of ["list", "info", "pull", "verify", "remove", "pack"]) {
      expect(help.stdout).toContain(`  ${command} `);
      const own = await maskery(["models", command, "--help"]);
      expect(own.stdout).toContain(`  $ maskery models ${command}`);
      expect(own.stdout).toContain("Exit codes:");
    }
  }, 60_000);

  it("lists the built-in model, the catalogue and what lies in the model folder", async () => {
    const table = await models("list");
    expect(table).toMatchObject({ exitCode: 0, stderr: "" });
    const lines = table.stdout.split("\n");
    expect(lines[1]).toMatch(/^nano .* built in$/);
    for (const { id } of catalogue)
      expect(table.stdout).toMatch(new RegExp(`^${id.replaceAll(".", "\\.")} `, "m"));
    expect(table.stdout).toMatch(/^sam3-tracker .*SAM License \*/m);
    expect(table.stdout).toMatch(/^drawn .*2\.2 MB +-$/m);
    const listed = JSON.parse((await models("list", "--json")).stdout) as { id: string; isHere: boolean }[];
    const known = [...catalogue, ...classCatalogue, ...foregroundCatalogue];
    expect(listed).toHaveLength(known.length + 2);
    expect(listed.filter(({ isHere }) => isHere).map(({ id }) => id)).toEqual(["nano"]);
  });

  it("tells all about one model", async () => {
    const text = (await models("info", "sam2.1-hiera-tiny")).stdout;
    expect(text).toMatch(/^id +sam2\.1-tiny$/m);
    expect(text).toContain("vision_encoder_fp16.onnx_data");
    expect(text).toContain("e83df9866a5afe68ea7f0f721f18f65137fc3acbf0da1c74e946d363e09c69cc");
    expect(text).toMatch(/^here +no$/m);
    const json = JSON.parse((await models("info", "edgesam", "--json")).stdout) as object;
    expect(json).toMatchObject({
      id: "edgesam",
      acceptanceRequired: true,
      precisions: { encoder: ["fp32"], decoder: ["fp32"] },
      description: { layout: "edgesam" },
    });
    const unknown = await models("info", "sam9");
    expect(unknown).toMatchObject({ exitCode: 2, stdout: "" });
    expect(unknown.stderr).toMatch(/^maskery: model: expected [^\n]+"sam9"\n$/);
  });

  it("pulls, segments without a network, verifies and removes", async () => {
    const pulled = await models("pull", "drawn");
    expect(pulled).toMatchObject({ exitCode: 0, stderr: "" });
    expect(pulled.stdout).toBe(
      `drawn: encoder fp32, decoder fp32, 2.2 MB in ${join(folder, "models", "drawn@0.1.0")}\n`,
    );
    expect(await models("pull", "drawn")).toMatchObject({ exitCode: 0, stdout: pulled.stdout });
    expect(server.requests).toHaveLength(2);

    const env = { MASKERY_MODEL_DIR: join(folder, "models"), MASKERY_OFFLINE: "1" };
    const args = ["segment", photo("chelsea.png"), "--point", "200,150", "--json"];
    const [own, builtIn] = await Promise.all([
      maskery([...args, "--model", "drawn"], { env }),
      maskery(args, { env }),
    ]);
    type Segmentation = { model: string; masks: { rle: unknown }[] };
    const [one, other] = [own, builtIn].map(({ stdout }) => JSON.parse(stdout) as Segmentation);
    expect(one!.model).toBe("drawn");
    expect(one!.masks.map(({ rle }) => rle)).toEqual(other!.masks.map(({ rle }) => rle));

    expect((await models("verify")).stdout.split("\n")).toEqual([
      "nano  encoder.onnx  right",
      "nano  decoder.onnx  right",
      "drawn  encoder.onnx  right",
      "drawn  decoder.onnx  right",
      "",
    ]);
    await writeFile(join(folder, "models", "drawn@0.1.0", "decoder.onnx"), "damaged");
    const damaged = await models("verify", "drawn");
    expect(damaged).toMatchObject({ exitCode: 1 });
    expect(damaged.stdout).toMatch(/decoder\.onnx {2}expected \d+ bytes, found 7/);
    expect(damaged.stderr).toMatch(/^maskery: wrong files: drawn decoder\.onnx; [^\n]+\n$/);
    expect(await models("pull", "drawn")).toMatchObject({ exitCode: 0 });
    expect(server.requests).toHaveLength(3);

    const removed = await models("remove", "drawn");
    expect(removed).toMatchObject({ exitCode: 0, stderr: "" });
    expect(removed.stdout).toMatch(/^drawn: removed 2\.2 MB/);
    expect(await readdir(join(folder, "models"))).toEqual([]);
    expect(await models("remove", "sam2.1-tiny")).toMatchObject({ exitCode: 2 });
    expect(await models("remove", "nano")).toMatchObject({ exitCode: 2 });
  }, 90_000);

  it.each(["folder", "tar"])(
    "packs a %s that works elsewhere, with every hash",
    async (format) => {
      const place = join(folder, "bundle");
      if (format === "folder") {
        expect(await models("pack", "drawn", "--out", place)).toMatchObject({ exitCode: 0, stderr: "" });
        // Once more, over what is there.
        expect(await models("pack", "nano", "drawn", "--out", place)).toMatchObject({ exitCode: 0 });
        expect((await readdir(place)).sort()).toEqual(["drawn@0.1.0", "nano@0.1.0"]);
      } else {
        const tar = join(folder, "drawn.tar");
        expect(await models("pack", "drawn", "--out", tar)).toMatchObject({ exitCode: 0, stderr: "" });
        await mkdir(place);
        await run("tar", ["-xf", tar, "-C", place]);
      }
      const bundle = join(place, "drawn@0.1.0");
      expect((await readdir(bundle)).sort()).toEqual(["decoder.onnx", "encoder.onnx", "maskery.json"]);
      const { files } = JSON.parse(await readFile(join(bundle, "maskery.json"), "utf8")) as ModelSpec;
      for (const { name, sha256, bytes } of Object.values(files)) {
        const content = await readFile(join(bundle, name));
        expect(content.length).toBe(bytes);
        expect(createHash("sha256").update(content).digest("hex")).toBe(sha256);
      }
      const args = ["segment", photo("chelsea.png"), "--point", "200,150", "--json", "--model"];
      const env = { MASKERY_MODEL_DIR: place, MASKERY_OFFLINE: "1" };
      for (const model of [bundle, "drawn"])
        expect(await maskery([...args, model], { env })).toMatchObject({ exitCode: 0, stderr: "" });
    },
    90_000,
  );

  it("asks for acceptance where a model's terms do", async () => {
    await describeModel({
      ...described,
      terms: { name: "House Rules", url: "https://example.org/rules", acceptance: "required" },
    });
    const refused = await models("pull", "drawn");
    expect(refused).toMatchObject({ exitCode: 2, stdout: "" });
    expect(refused.stderr).toMatch(/House Rules.*--accept-license/);
    const args = ["segment", photo("chelsea.png"), "--point", "200,150", "--json", "--model", "drawn"];
    const env = { MASKERY_MODEL_DIR: join(folder, "models") };
    expect(await maskery(args, { env })).toMatchObject({ exitCode: 2, stdout: "" });
    expect(server.requests).toEqual([]);
    expect(await models("pull", "drawn", "--accept-license")).toMatchObject({ exitCode: 0 });
    expect(await maskery([...args, "--accept-license"], { env })).toMatchObject({ exitCode: 0 });
  }, 60_000);

  it.each([
    [["pull", "drawn", "--precision", "half"], /^maskery: --precision: expected [^\n]+"half"\n$/],
    [["pull", "drawn", "--precision", "encoder=fp16,encoder=fp32"], /^maskery: --precision: /],
    [["pull", "drawn", "--precision", "fp16"], /^maskery: precision: expected [^\n]+ fp32[^\n]+"fp16"\n$/],
    [["pull", "drawn", "--mirror", "ftp://x"], /^maskery: mirror: expected an http or https address/],
    [["list", "--dir", ""], /^maskery: --dir: /],
    [["pack", "drawn"], /^maskery: --out: /],
    [["pack", "drawn", "nano", "--out", "two.tar"], /^maskery: --out: expected a folder/],
    [["pull"], /^maskery: missing required argument/],
  ])("refuses %j before it does anything", async (args, message) => {
    const refused = await models(...args);
    expect(refused).toMatchObject({ exitCode: 2, stdout: "" });
    expect(refused.stderr).toMatch(message);
    expect(server.requests).toEqual([]);
  });
});
