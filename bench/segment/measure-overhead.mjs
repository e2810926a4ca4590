// @ts-check
import { join } from "node:path";
import {
  createFolderModelStore,
  createNodePlatform,
  createOnnxRuntime,
  findModel,
  placeModelLocally,
  Segmenter,
} from "@maskery/node";
import ort from "onnxruntime-node";
import { timePlainRun } from "../shared/plain-run.mjs";
import { inMs, median } from "../shared/statistics.mjs";
import { fullHdJpeg } from "./picture.mjs";
import { recordFeeds } from "./recording-runtime.mjs";

const THREADS = 1;
const WARM_UPS = 5;

/** @param {number} rounds */
export async function measureOverhead(rounds) {
  const { spec, folder } = await findModel("nano");
  const { runtime, feedsByGraph } = recordFeeds(createOnnxRuntime());
  const placement = await placeModelLocally(spec, createFolderModelStore(folder), runtime, {
    threads: THREADS,
  });
  const segmenter = new Segmenter(placement, createNodePlatform(), {
    embeddingCache: { maxBytes: 0 },
    resultCache: { maxBytes: 0 },
  });
  /** @type {import("onnxruntime-node").InferenceSession.SessionOptions} */
  const options = {
    executionProviders: ["cpu"],
    graphOptimizationLevel: "all",
    intraOpNumThreads: THREADS,
    logSeverityLevel: 3,
  };
  const sessions = await Promise.all(
    [spec.files.encoder, spec.files.decoder].map(async ({ name }) => ({
      name,
      session: await ort.InferenceSession.create(join(folder, name), options),
    })),
  );
  const ours = [];
  const plain = [];
  for (let round = 0; round < rounds + WARM_UPS; round++) {
    const image = await fullHdJpeg(round);
    const startedAt = performance.now();
    const { timings } = await segmenter.segment(image, [{ x: 960, y: 500 }]);
    const ourMs = performance.now() - startedAt - timings.decodeMs;
    let plainMs = 0;
    for (const { name, session } of sessions) {
      plainMs += await timePlainRun(session, feedsByGraph.get(name) ?? {});
    }
    if (round < WARM_UPS) continue;
    ours.push(ourMs);
    plain.push(plainMs);
  }
  await segmenter.dispose();
  const [our, raw] = [median(ours), median(plain)];
  console.log(`segment, decoding apart   ${inMs(our)} (median of ${rounds})`);
  console.log(`two plain onnxruntime runs ${inMs(raw)}`);
  console.log(
    `overhead                  ${inMs(our - raw)} (goal: under 30 ms), ratio ${(our / raw).toFixed(2)}`,
  );
}
