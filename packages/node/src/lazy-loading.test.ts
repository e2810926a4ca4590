import { copyFile, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type BundledSources, bundleSources, runScript } from "./test-support/child-process.js";

/** Native libraries of the two heavy dependencies; their JavaScript is loaded together with them. */
const report = `
  const heavy = () => {
    const loaded = process.report.getReport().sharedObjects.filter((path) => /sharp|vips|onnxruntime/.test(path));
    return [...new Set(loaded.map((path) => (/onnxruntime/.test(path) ? "onnxruntime" : "sharp")))].sort().join("+") || "none";
  };
`;

describe("what is loaded when", () => {
  let sources: BundledSources;

  beforeAll(async () => {
    sources = await bundleSources(`
      export { createSharpCodec } from "./image/sharp-codec.js";
      export { createNodePlatform } from "./platform.js";
      export { createOnnxRuntime } from "./runtime/onnx-runtime.js";
      export { createFileCacheStore } from "./stores/file-cache-store.js";
      export { createFolderModelStore } from "./stores/folder-model-store.js";
    `);
  });
  afterAll(() => sources.dispose());

  test("importing and creating load neither sharp nor onnxruntime; decoding loads sharp", async () => {
    const result = await runScript(`
      ${report}
      const start = performance.now();
      const node = await import(${JSON.stringify(sources.href)});
      const importMs = performance.now() - start;
      console.log(heavy());
      const codec = node.createSharpCodec();
      node.createNodePlatform();
      node.createFolderModelStore("models");
      node.createFileCacheStore({ directory: "cache", maxBytes: 1000 });
      const runtime = node.createOnnxRuntime();
      console.log(heavy());
      await codec.decode(new TextEncoder().encode("<svg/>")).catch((error) => console.log(error.code));
      console.log(heavy());
      await codec.encode({ width: 1, height: 1, data: new Uint8Array(4) }, { format: "png" });
      console.log(heavy());
      await runtime.dispose();
      console.log(importMs < 500);
    `);
    expect(result).toMatchObject({ exitCode: 0, standardError: "" });
    expect(result.standardOutput.split("\n")).toEqual([
      "none",
      "none",
      "UNSUPPORTED_FORMAT",
      "none",
      "sharp",
      "true",
      "",
    ]);
  });

  test("a missing sharp or onnxruntime-node says what to install", async () => {
    // Far from any node_modules.
    const folder = await mkdtemp(join(tmpdir(), "maskery-alone-"));
    try {
      for (const name of ["sources.mjs", "graph-worker.mjs"]) {
        await copyFile(join(sources.folder, name), join(folder, name));
      }
      const result = await runScript(
        `
        const node = await import(${JSON.stringify(pathToFileURL(join(folder, "sources.mjs")).href)});
        const report = (error) => console.log(error.code, error.message);
        await node.createSharpCodec().encode({ width: 1, height: 1, data: new Uint8Array(4) }, { format: "png" }).catch(report);
        const runtime = node.createOnnxRuntime();
        await runtime.load({ model: { kind: "bytes", bytes: new Uint8Array(4) } }).catch(report);
        await runtime.dispose();
        `,
        { cwd: folder },
      );
      expect(result).toMatchObject({ exitCode: 0, standardError: "" });
      const [codec, runtime] = result.standardOutput.split("\n");
      expect(codec).toMatch(/^INTERNAL .*npm install sharp/);
      expect(runtime).toMatch(/^DEVICE_UNAVAILABLE .*npm install onnxruntime-node/);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
});
