// @ts-check
import ort from "onnxruntime-node";
import { median } from "../shared/statistics.mjs";

process.once(
  "message",
  async (/** @type {{ arena: boolean, pattern: boolean, model: string, rounds: number }} */ job) => {
    const before = process.memoryUsage.rss();
    const session = await ort.InferenceSession.create(job.model, {
      executionProviders: ["cpu"],
      enableCpuMemArena: job.arena,
      enableMemPattern: job.pattern,
      intraOpNumThreads: 1,
    });
    const image = new ort.Tensor("float32", new Float32Array(3 * 256 * 256).fill(0.3), [1, 3, 256, 256]);
    const times = [];
    for (let round = 0; round < job.rounds + 3; round++) {
      const startedAt = performance.now();
      await session.run({ image });
      if (round >= 3) times.push(performance.now() - startedAt);
    }
    process.send?.({ ms: median(times), megabytes: (process.memoryUsage.rss() - before) / 1e6 });
    process.disconnect();
  },
);
