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
import { TIMER_MS, watchEventLoop } from "../shared/longest-gap.mjs";
import { timePlainRun } from "../shared/plain-run.mjs";
import { inMs, median } from "../shared/statistics.mjs";
import { recordDecoderFeeds } from "./recording-runtime.mjs";
import { grid, THREADS } from "./settings.mjs";

const FILTER_ROUNDS = 15;

/**
 * @param {Buffer} image
 * @param {number} rounds
 */
export async function measureRun(image, rounds) {
  const { spec, folder } = await findModel("nano");
  const recorder = recordDecoderFeeds(createOnnxRuntime());
  const { runtime, feeds } = recorder;
  const placement = await placeModelLocally(spec, createFolderModelStore(folder), runtime, {
    threads: THREADS,
  });
  const segmenter = new Segmenter(placement, createNodePlatform());
  const plain = await ort.InferenceSession.create(join(folder, spec.files.decoder.name), {
    executionProviders: ["cpu"],
    graphOptimizationLevel: "all",
    intraOpNumThreads: THREADS,
    logSeverityLevel: 3,
    extra: { session: { intra_op: { allow_spinning: "0" } } },
  });

  const session = await segmenter.open(image);
  await session.segment([{ x: 960, y: 540 }]);
  // One run to warm up and to record what is replayed; those that are timed are not recorded, which costs time itself.
  recorder.start();
  await session.everything(grid).toArray();
  recorder.stop();
  const ratios = [];
  const processorRatios = [];
  const wholes = [];
  const plains = [];
  const firsts = [];
  const gaps = [];
  /** @type {ReturnType<typeof session.everything> | undefined} */
  let run;
  for (let round = 0; round < rounds; round++) {
    await segmenter.clearCache();
    const fresh = await segmenter.open(image);
    const gap = watchEventLoop();
    const processorBefore = process.cpuUsage();
    const startedAt = performance.now();
    run = fresh.everything(grid);
    let firstMs = Number.NaN;
    for await (const _mask of run) if (Number.isNaN(firstMs)) firstMs = performance.now() - startedAt;
    const wholeMs = performance.now() - startedAt;
    const wholeProcessorMs = processorMs(processorBefore);
    gaps.push(gap.stop());
    const plainBefore = process.cpuUsage();
    let plainMs = 0;
    for (const feed of feeds) plainMs += await timePlainRun(plain, feed);
    processorRatios.push(wholeProcessorMs / processorMs(plainBefore));
    wholes.push(wholeMs);
    plains.push(plainMs);
    ratios.push(wholeMs / plainMs);
    firsts.push(firstMs / wholeMs);
    await fresh.dispose();
  }
  const percent = (/** @type {number} */ share) => `${(share * 100).toFixed(1)}%`;
  console.log(
    `whole run      ${inMs(median(wholes))}, its ${feeds.length} decoder runs alone ${inMs(median(plains))} (medians of ${rounds})`,
  );
  console.log(
    `ratio          ${median(ratios).toFixed(3)} (goal: at most 1.15); rounds ${ratios.map((ratio) => ratio.toFixed(3)).join(", ")}`,
  );
  console.log(
    `on one core    ${median(processorRatios).toFixed(3)}: processor time of all threads, encoding included; rounds ${processorRatios.map((ratio) => ratio.toFixed(3)).join(", ")}`,
  );
  console.log(`first mask     after ${percent(median(firsts))} of the whole time (goal: within 10%)`);
  console.log(
    `longest gap    of a ${TIMER_MS} ms timer ${inMs(median(gaps))} (median; goal: about 25 ms); rounds ${gaps.map(inMs).join(", ")}`,
  );
  if (run) await measureFilter(run);
  await session.dispose();
  await segmenter.dispose();
  await plain.release();
}

/** @param {ReturnType<import("@maskery/node").Session["everything"]>} run */
async function measureFilter(run) {
  const candidates = await run.candidates();
  const questions = [
    { predIouThresh: 0.6 },
    { stabilityScoreThresh: 0.7 },
    { predIouThresh: 0.7, stabilityScoreThresh: 0.8 },
    { boxNmsThresh: 0.3 },
    { boxNmsThresh: 0.95 },
    { minArea: 5000 },
  ];
  /** @param {Parameters<typeof candidates.filter>[0]} options */
  const time = (options) => {
    const startedAt = performance.now();
    candidates.filter(options);
    return performance.now() - startedAt;
  };
  const first = questions.map(time);
  const again = questions.map((options) =>
    median(Array.from({ length: FILTER_ROUNDS }, () => time(options))),
  );
  console.log(
    `filter         first time ${inMs(Math.max(...first))} at most, again ${inMs(Math.max(...again))} at most (goal: under 30 ms)`,
  );
  console.log(
    `               other maskThreshold: first time ${inMs(time({ maskThreshold: 0.5 }))}, then ${inMs(time({ maskThreshold: 0.5, boxNmsThresh: 0.5 }))}`,
  );
}

/** @param {NodeJS.CpuUsage} since */
function processorMs(since) {
  const { user, system } = process.cpuUsage(since);
  return (user + system) / 1000;
}
