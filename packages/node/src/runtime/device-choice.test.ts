import { chmod, mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { float32Tensor, type Graph, type Runtime } from "@maskery/core";
import { afterEach, describe, expect, test } from "vitest";
import { requirement } from "../../../../tests/support/requirement.js";
import { sumAndDifferenceModel } from "../../../core/src/testing/onnx-graphs.js";
import type { DeviceJudgeOptions } from "./device-judge.js";
import type { DeviceSurroundings } from "./device-presence.js";
import { type DeviceCandidate, findDevices } from "./devices.js";
import { goldenCheck } from "./golden/golden-check.js";
import { createRuntimeFrom } from "./onnx-runtime.js";
import {
  pretendedDevice,
  processor,
  temporaryFolders,
  writeVerdictFile,
} from "./pretended-devices.test-support.js";

const temporaryFolder = temporaryFolders();
const model = { kind: "bytes", bytes: sumAndDifferenceModel() } as const;
const runtimes: Runtime[] = [];

afterEach(async () => {
  await Promise.all(runtimes.splice(0).map((runtime) => runtime.dispose()));
});

function runtimeWith(
  candidates: readonly DeviceCandidate[],
  {
    verdictFile = null,
    examine,
  }: { verdictFile?: string | null; examine?: DeviceJudgeOptions["examine"] } = {},
): Runtime {
  const runtime = createRuntimeFrom({ verdictFile, threads: 1 }, { candidates, ...(examine && { examine }) });
  runtimes.push(runtime);
  return runtime;
}

async function expectToRun(graph: Graph): Promise<void> {
  const tensor = float32Tensor(Float32Array.of(1, 2), [1, 2]);
  const { sum } = await graph.run({ left: tensor, right: tensor });
  expect(sum?.data).toEqual(Float32Array.of(2, 4));
}

/** A golden check whose expectation is wrong, so that a device which computes rightly fails it. */
const wrongGolden: NonNullable<DeviceJudgeOptions["examine"]> = {
  golden: (precision) => {
    const check = goldenCheck(precision);
    return {
      ...check,
      expected: { ...check.expected, masks: check.expected["masks"]!.map((value) => 1 - value) },
    };
  },
};

/** A probe program that does this instead of checking anything. */
async function program(source: string): Promise<string> {
  const path = join(await temporaryFolder(), "probe.mjs");
  await writeFile(path, source);
  return path;
}

const fast = { deviceMs: 1, processorMs: 50 };

describe("auto", () => {
  test("takes a device that worked earlier and is fast, without another check", async () => {
    const verdictFile = join(await temporaryFolder(), "devices.json");
    await writeVerdictFile(verdictFile, { cuda: fast });
    const runtime = runtimeWith([pretendedDevice("cuda"), processor], { verdictFile });
    const graph = await runtime.load({ model });
    expect(graph.device).toBe("cuda");
    expect(graph.deviceReport).toEqual({
      wanted: "auto",
      taken: "cuda",
      trials: [{ device: "cuda", outcome: "taken", reason: "it worked earlier" }],
    });
    await expectToRun(graph);
  });

  test.each<[string, DeviceJudgeOptions["examine"] | (() => Promise<DeviceJudgeOptions["examine"]>), RegExp]>(
    [
      [
        "answers the golden graph wrongly",
        wrongGolden,
        /answered the golden graph wrongly \(masks\[0\]: expected /,
      ],
      [
        "takes the process down",
        async () => ({ program: await program("process.on('message', () => process.abort());") }),
        /ended the process \(signal SIGABRT\)/,
      ],
      [
        "ends with an error",
        async () => ({ program: await program("console.error('no such GPU'); process.exit(3);") }),
        /ended the process \(exit code 3\): no such GPU/,
      ],
      [
        "does not answer",
        async () => ({
          program: await program("process.on('message', () => setInterval(() => {}, 1000));"),
          timeoutMs: 500,
        }),
        /gave no answer within 0.5 s/,
      ],
    ],
  )("falls to the next device when one %s, and says so", async (_what, examine, reason) => {
    const runtime = runtimeWith([pretendedDevice("cuda"), processor], {
      examine: (typeof examine === "function" ? await examine() : examine) ?? {},
    });
    const graph = await runtime.load({ model });
    expect(graph.device).toBe("cpu");
    expect(graph.deviceReport?.trials).toEqual([
      { device: "cuda", outcome: "failed", reason: expect.stringMatching(reason) },
      { device: "cpu", outcome: "taken", reason: "it always works" },
    ]);
    await expectToRun(graph);
  });

  test("falls to the next device when the engine cannot use one", async () => {
    const runtime = runtimeWith([pretendedDevice("cuda", { executionProviders: ["abacus"] }), processor]);
    const graph = await runtime.load({ model });
    expect(graph.deviceReport?.trials).toEqual([
      { device: "cuda", outcome: "failed", reason: expect.stringMatching(/abacus/i) },
      { device: "cpu", outcome: "taken", reason: "it always works" },
    ]);
  });

  test("falls to the next device when the model itself does not load on one that passed", async () => {
    const verdictFile = join(await temporaryFolder(), "devices.json");
    await writeVerdictFile(verdictFile, { cuda: fast });
    const runtime = runtimeWith([pretendedDevice("cuda", { executionProviders: ["abacus"] }), processor], {
      verdictFile,
    });
    const graph = await runtime.load({ model });
    expect(graph.device).toBe("cpu");
    expect(graph.deviceReport?.trials[0]).toEqual({
      device: "cuda",
      outcome: "failed",
      reason: expect.stringMatching(/^it cannot load the model: .*abacus/i),
    });
  });

  test("still says MODEL_CORRUPT when no device can load the model", async () => {
    const verdictFile = join(await temporaryFolder(), "devices.json");
    await writeVerdictFile(verdictFile, { cuda: fast });
    const runtime = runtimeWith([pretendedDevice("cuda"), processor], { verdictFile });
    const broken = { kind: "bytes", bytes: new TextEncoder().encode("no model".repeat(20)) } as const;
    await expect(runtime.load({ model: broken })).rejects.toMatchObject({ code: "MODEL_CORRUPT" });
  });

  test("leaves a device that is slower than the processor, or that is taken by name only", async () => {
    const verdictFile = join(await temporaryFolder(), "devices.json");
    await writeVerdictFile(verdictFile, { webgpu: { deviceMs: 4000, processorMs: 40 } });
    const byName = pretendedDevice("tensorrt", { notByItself: "it takes minutes" });
    const runtime = runtimeWith([byName, pretendedDevice("webgpu"), processor], { verdictFile });
    const { deviceReport } = await runtime.load({ model });
    expect(deviceReport?.trials).toEqual([
      {
        device: "tensorrt",
        outcome: "skipped",
        reason: "taken only when asked for by name: it takes minutes",
      },
      {
        device: "webgpu",
        outcome: "failed",
        reason: "it is not faster than the processor (4000 ms against 40 ms for the same work)",
      },
      { device: "cpu", outcome: "taken", reason: "it always works" },
    ]);
  });

  test("keeps graphs of short runs on the processor, but for large ones on devices that are good at them", async () => {
    const verdictFile = join(await temporaryFolder(), "devices.json");
    await writeVerdictFile(verdictFile, { cuda: fast, webgpu: fast });
    const webgpu = runtimeWith([pretendedDevice("webgpu", { goodForSmallRuns: false }), processor], {
      verdictFile,
    });
    const cuda = runtimeWith([pretendedDevice("cuda"), processor], { verdictFile });
    expect((await webgpu.load({ model }, { workload: "large" })).device).toBe("webgpu");
    expect((await webgpu.load({ model }, { workload: "small" })).device).toBe("cpu");
    expect((await cuda.load({ model }, { workload: "small" })).device).toBe("cpu");
    const large = new Uint8Array(9 * 1024 * 1024);
    const external = [{ name: "unused.data", location: { kind: "bytes", bytes: large } as const }];
    expect((await cuda.load({ model, externalData: external }, { workload: "small" })).device).toBe("cuda");
  });

  test("a caller who leaves during a check gets ABORTED, and the next one a device", async () => {
    const controller = new AbortController();
    const hanging = await program("process.on('message', () => setInterval(() => {}, 1000));");
    const runtime = runtimeWith([pretendedDevice("cuda"), processor], {
      examine: { program: hanging, timeoutMs: 800 },
    });
    const loading = runtime.load({ model }, { signal: controller.signal });
    setTimeout(() => controller.abort(), 100);
    await expect(loading).rejects.toMatchObject({ code: "ABORTED" });
    expect((await runtime.load({ model })).device).toBe("cpu");
  });
});

describe("a device by name", () => {
  test("is taken although auto would not, when it works", async () => {
    const verdictFile = join(await temporaryFolder(), "devices.json");
    await writeVerdictFile(verdictFile, { webgpu: { deviceMs: 4000, processorMs: 40 } });
    const runtime = runtimeWith([pretendedDevice("webgpu"), processor], { verdictFile });
    expect((await runtime.load({ model }, { device: "webgpu" })).device).toBe("webgpu");
  });

  test("is DEVICE_UNAVAILABLE with the reason when it fails the check", async () => {
    const runtime = runtimeWith([pretendedDevice("cuda"), processor], { examine: wrongGolden });
    await expect(runtime.load({ model }, { device: "cuda" })).rejects.toMatchObject({
      code: "DEVICE_UNAVAILABLE",
      field: "device",
      message: expect.stringMatching(/received "cuda": it answered the golden graph wrongly/),
    });
  });

  test("is checked again although it failed earlier", async () => {
    const verdictFile = join(await temporaryFolder(), "devices.json");
    await writeVerdictFile(verdictFile, { cuda: { works: false, reason: "the driver was broken" } });
    const runtime = runtimeWith([pretendedDevice("cuda"), processor], { verdictFile });
    expect((await runtime.load({ model })).deviceReport?.trials[0]?.reason).toBe("the driver was broken");
    expect((await runtime.load({ model }, { device: "cuda" })).device).toBe("cuda");
  });

  test.each(["directml", "abacus"])(
    "is DEVICE_UNAVAILABLE when it is %s, which this engine has not",
    async (device) => {
      const runtime = runtimeWith([processor]);
      await expect(runtime.load({ model }, { device })).rejects.toMatchObject({
        code: "DEVICE_UNAVAILABLE",
        message: expect.stringMatching(new RegExp(`expected one of auto, cpu, received "${device}"`)),
      });
    },
  );
});

describe("chooseDevice", () => {
  test("says where a graph would go, and whether half precision is right there", async () => {
    const verdictFile = join(await temporaryFolder(), "devices.json");
    await writeVerdictFile(verdictFile, {
      cuda: { ...fast, halfPrecision: "right" },
      webgpu: { ...fast, halfPrecision: "wrong" },
    });
    const choose = (id: "cuda" | "webgpu", workload?: "small") =>
      runtimeWith([pretendedDevice(id, { goodForSmallRuns: false }), processor], { verdictFile })
        .chooseDevice!({
        ...(workload && { workload }),
      });
    expect(await choose("cuda")).toEqual({ id: "cuda", title: "Pretended cuda", prefersHalfPrecision: true });
    expect(await choose("webgpu")).toMatchObject({ id: "webgpu", prefersHalfPrecision: false });
    expect(await choose("cuda", "small")).toMatchObject({ id: "cpu", prefersHalfPrecision: false });
  });
});

describe("the verdict file", () => {
  const counted = async () => {
    const folder = await temporaryFolder();
    const path = join(folder, "probe.mjs");
    const log = join(folder, "checks.log");
    await writeFile(
      path,
      `import { appendFileSync } from "node:fs"; appendFileSync(${JSON.stringify(log)}, "x"); process.exit(9);`,
    );
    return {
      examine: { program: path },
      checks: async () => (await readFile(log, "utf8").catch(() => "")).length,
    };
  };

  test("spares the next process the check", async () => {
    const verdictFile = join(await temporaryFolder(), "new", "devices.json");
    const { examine, checks } = await counted();
    for (let process = 0; process < 3; process++) {
      const runtime = runtimeWith([pretendedDevice("cuda"), processor], { verdictFile, examine });
      const { deviceReport } = await runtime.load({ model });
      expect(deviceReport?.trials[0]?.reason).toMatch(/exit code 9/);
    }
    expect(await checks()).toBe(1);
    expect(JSON.parse(await readFile(verdictFile, "utf8"))).toMatchObject({ version: 1 });
  });

  test.each<[string, (path: string) => Promise<unknown>]>([
    ["is broken", (path) => writeFile(path, '{"version":1,"verd')],
    ["holds nonsense", (path) => writeFile(path, '{"version":1,"verdicts":{"a":3,"b":{"works":"yes"}}}')],
    ["is of another version", (path) => writeFile(path, '{"version":2,"verdicts":[]}')],
    ["is a folder", (path) => mkdir(path)],
    [
      "holds a verdict that is too old",
      (path) => writeVerdictFile(path, { cuda: { works: false, checkedAt: Date.now() - 25 * 3600e3 } }),
    ],
    [
      "holds a verdict of tomorrow",
      (path) => writeVerdictFile(path, { cuda: { checkedAt: Date.now() + 24 * 3600e3 } }),
    ],
  ])("is ignored when it %s", async (_what, damage) => {
    const verdictFile = join(await temporaryFolder(), "devices.json");
    await damage(verdictFile);
    const { examine, checks } = await counted();
    const graph = await runtimeWith([pretendedDevice("cuda"), processor], { verdictFile, examine }).load({
      model,
    });
    expect(graph.device).toBe("cpu");
    expect(await checks()).toBe(1);
  });

  test("is done without when its folder cannot be written to", async () => {
    const folder = await temporaryFolder();
    const file = join(folder, "a file, not a folder");
    await writeFile(file, "");
    await chmod(folder, 0o500);
    const { examine, checks } = await counted();
    const verdictFile = join(file, "devices.json");
    for (let process = 0; process < 2; process++) {
      await runtimeWith([pretendedDevice("cuda"), processor], { verdictFile, examine }).load({ model });
    }
    expect(await checks()).toBe(2);
    await chmod(folder, 0o700);
  });
});

describe("what is found without trying", () => {
  const bare: DeviceSurroundings = { libraryFolder: "/engine", exists: () => false, names: () => [] };

  const withLinux = requirement(
    "Linux x64, whose engine has CUDA and WebGPU",
    process.platform === "linux" && process.arch === "x64"
      ? null
      : `this is ${process.platform}-${process.arch}`,
  );
  withLinux("on Linux", () => {
    test("a machine without accelerators starts no check at all, and says what is missing", async () => {
      const failing = await program("process.exit(1)");
      const runtime = runtimeWith(findDevices(bare), { examine: { program: failing } });
      expect(runtime.devices).toEqual([{ id: "cpu", title: "Processor" }]);
      const { device, deviceReport } = await runtime.load({ model });
      expect(device).toBe("cpu");
      expect(deviceReport?.trials).toEqual([
        {
          device: "cuda",
          outcome: "skipped",
          reason:
            "libonnxruntime_providers_shared.so, libonnxruntime_providers_cuda.so are not installed beside onnxruntime-node",
        },
        {
          device: "tensorrt",
          outcome: "skipped",
          reason: expect.stringMatching(/providers_tensorrt.so are not installed/),
        },
        {
          device: "webgpu",
          outcome: "skipped",
          reason: "there is no graphics card (/dev/dri has no render node)",
        },
        { device: "cpu", outcome: "taken", reason: "it always works" },
      ]);
    });

    test("CUDA by name says what to install", async () => {
      await expect(runtimeWith(findDevices(bare)).load({ model }, { device: "cuda" })).rejects.toMatchObject({
        code: "DEVICE_UNAVAILABLE",
        message: expect.stringMatching(
          /received "cuda": libonnxruntime_providers_shared.so, .*--onnxruntime-node-install=cuda12; see docs\/install.md/,
        ),
      });
      const withoutDriver = { ...bare, exists: (path: string) => path.startsWith("/engine") };
      await expect(
        runtimeWith(findDevices(withoutDriver)).load({ model }, { device: "cuda" }),
      ).rejects.toMatchObject({
        message: expect.stringMatching(/there is no NVIDIA driver .*docker run --gpus all/),
      });
    });
  });
});
