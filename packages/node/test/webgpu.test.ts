import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { float32Tensor, type Graph, type Runtime } from "@maskery/core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { requirement } from "../../../tests/support/requirement.js";
import { sumAndDifferenceModel } from "../../core/src/testing/onnx-graphs.js";
import { findDevices } from "../src/runtime/devices.js";
import { createRuntimeFrom } from "../src/runtime/onnx-runtime.js";

/** Chromium brings a Vulkan driver in software, SwiftShader, that does all WebGPU asks for. */
const driver = [
  "/usr/lib/chromium/vk_swiftshader_icd.json",
  "/opt/google/chrome/vk_swiftshader_icd.json",
].find((path) => existsSync(path));

const loader = [
  "/usr/lib/x86_64-linux-gnu/libvulkan.so.1",
  "/lib64/libvulkan.so.1",
  "/usr/lib/libvulkan.so.1",
].find((path) => existsSync(path));

function whatIsMissing(): string | null {
  if (process.platform !== "linux" || process.arch !== "x64")
    return `this is ${process.platform}-${process.arch}`;
  if (driver === undefined) return "there is no Chromium with vk_swiftshader_icd.json";
  return loader === undefined ? "there is no libvulkan.so.1" : null;
}

requirement("WebGPU in software", whatIsMissing())("WebGPU, on a real Vulkan driver in software", () => {
  const folder = mkdtempSync(join(tmpdir(), "maskery-webgpu-"));
  const driverBefore = process.env["VK_ICD_FILENAMES"];
  const runtimes: Runtime[] = [];
  const makeRuntime = () => {
    const candidates = findDevices({
      libraryFolder: undefined,
      exists: () => false,
      // A graphics card, as far as the file system shows.
      names: () => ["renderD128"],
    });
    const runtime = createRuntimeFrom({ verdictFile: join(folder, "devices.json") }, { candidates });
    runtimes.push(runtime);
    return runtime;
  };

  beforeAll(() => {
    process.env["VK_ICD_FILENAMES"] = driver;
  });
  afterAll(async () => {
    await Promise.all(runtimes.map((runtime) => runtime.dispose()));
    rmSync(folder, { recursive: true, force: true });
    if (driverBefore === undefined) delete process.env["VK_ICD_FILENAMES"];
    else process.env["VK_ICD_FILENAMES"] = driverBefore;
  });

  // A minute on a free machine's two cores; shaders are compiled for the processor.
  const timeoutMs = 400_000;
  const sum = async (graph: Graph, left: number) => {
    const tensor = (value: number) => float32Tensor(Float32Array.of(value, value), [1, 2]);
    const outputs = await graph.run({ left: tensor(left), right: tensor(1) });
    return outputs["sum"]?.data[0];
  };

  test(
    "passes the golden check when asked for by name, and runs several graphs at once",
    async () => {
      const runtime = makeRuntime();
      const model = { kind: "bytes", bytes: sumAndDifferenceModel() } as const;
      const [one, two] = await Promise.all([
        runtime.load({ model }, { device: "webgpu" }),
        runtime.load({ model }, { device: "webgpu" }),
      ]);
      expect(one.device).toBe("webgpu");
      expect(one.deviceReport?.trials).toEqual([
        {
          device: "webgpu",
          outcome: "taken",
          reason: expect.stringMatching(/^it was asked for, and it answered the golden graph rightly/),
        },
      ]);
      // Two sessions of this engine that run at the same time on WebGPU end the process.
      const sums = await Promise.all(
        Array.from({ length: 10 }, (_, index) => sum(index % 2 === 0 ? one : two, index)),
      );
      expect(sums).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
      await Promise.all([one.dispose(), two.dispose()]);
    },
    timeoutMs,
  );

  test(
    "is left alone by auto, because a driver in software is slower than the processor",
    async () => {
      const runtime = makeRuntime();
      const { device, deviceReport } = await runtime.load({
        model: { kind: "bytes", bytes: sumAndDifferenceModel() },
      });
      expect(device).toBe("cpu");
      expect(deviceReport?.trials.find((trial) => trial.device === "webgpu")).toEqual({
        device: "webgpu",
        outcome: "failed",
        // The first test wrote the verdict down.
        reason: expect.stringMatching(/^it is not faster than the processor \(\d+ ms against \d/),
      });
    },
    timeoutMs,
  );
});
