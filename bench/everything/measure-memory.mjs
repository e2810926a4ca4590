// @ts-check
import { readFileSync } from "node:fs";
import { createSegmenter } from "@maskery/node";
import { grid, THREADS } from "./settings.mjs";

const SAMPLE_MS = 10;

/** @param {Buffer} image */
export async function measureMemory(image) {
  const segmenter = await createSegmenter({ threads: THREADS });
  const session = await segmenter.open(image);
  await session.segment([{ x: 960, y: 540 }]);
  globalThis.gc?.();
  const idle = residentMegabytes();
  let peak = idle;
  const timer = setInterval(() => {
    peak = Math.max(peak, residentMegabytes());
  }, SAMPLE_MS);
  const run = session.everything(grid);
  const masks = await run.toArray();
  const candidates = await run.candidates();
  clearInterval(timer);
  peak = Math.max(peak, residentMegabytes());
  console.log(
    `peak memory    ${(peak - idle).toFixed(0)} MB above the idle session's ${idle.toFixed(0)} MB (goal: under 150 MB)`,
  );
  console.log(
    `               ${masks.length} masks; ${candidates.length} candidates kept in ${(candidates.bytes / 1e6).toFixed(1)} MB`,
  );
  await session.dispose();
  await segmenter.dispose();
}

/** Resident memory of this process, worker threads included. */
function residentMegabytes() {
  if (process.platform !== "linux") return process.memoryUsage.rss() / 1e6;
  // process.memoryUsage() walks the heap's statistics; the file is a single read.
  const pages = Number(readFileSync("/proc/self/statm", "utf8").split(" ")[1]);
  return (pages * 4096) / 1e6;
}
