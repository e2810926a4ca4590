// @ts-check
import { setTimeout as wait } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { median } from "../shared/statistics.mjs";

setFlagsFromString("--expose-gc");
/** @type {() => void} */
const collectGarbage = runInNewContext("gc");

const READINGS = 5;
const READING_INTERVAL_MS = 100;

/**
 * What is held after a garbage collection, in megabytes: `resident` by the process with all its threads, `heap` and `external`
 * by the JavaScript of this one. Medians of several readings.
 */
export async function readMemory() {
  /** @type {NodeJS.MemoryUsage[]} */
  const readings = [];
  for (let reading = 0; reading < READINGS; reading++) {
    collectGarbage();
    await wait(READING_INTERVAL_MS);
    readings.push(process.memoryUsage());
  }
  const inMegabytes = (/** @type {"rss" | "heapUsed" | "external"} */ part) =>
    median(readings.map((reading) => reading[part])) / 1e6;
  return {
    resident: inMegabytes("rss"),
    heap: inMegabytes("heapUsed"),
    external: inMegabytes("external"),
  };
}
