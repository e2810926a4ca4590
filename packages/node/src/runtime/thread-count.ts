import { readdir, readFile } from "node:fs/promises";
import { availableParallelism } from "node:os";

/** Graphs of this size gain little beyond four threads, and on a busy machine more threads lose. */
const mostUsefulThreads = 4;

let counted: Promise<number> | undefined;

/** Threads for one run on this machine: physical cores the process may use, at most four. Counted once. */
export function defaultThreadCount(): Promise<number> {
  counted ??= countThreads();
  return counted;
}

async function countThreads(): Promise<number> {
  const logical = availableParallelism();
  const [physical, quota] = await Promise.all([physicalCores(), processorQuota()]);
  return Math.max(1, Math.floor(Math.min(logical, physical ?? logical, quota ?? logical, mostUsefulThreads)));
}

/**
 * Cores counted without their hardware twins, which share the units that matrix products need. Linux only.
 */
async function physicalCores(): Promise<number | undefined> {
  const folder = "/sys/devices/system/cpu";
  try {
    const processors = (await readdir(folder)).filter((name) => /^cpu\d+$/.test(name));
    const siblings = await Promise.all(
      processors.map((name) =>
        readFile(`${folder}/${name}/topology/thread_siblings_list`, "utf8").catch(() => undefined),
      ),
    );
    const cores = new Set(siblings.filter((list) => list !== undefined)).size;
    return cores > 0 ? cores : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Processors that the container may use, from its cgroup (version 2). Undefined where there is no such limit.
 */
async function processorQuota(): Promise<number | undefined> {
  try {
    const [quota, period] = (await readFile("/sys/fs/cgroup/cpu.max", "utf8")).trim().split(" ").map(Number);
    return quota !== undefined && period !== undefined && quota > 0 && period > 0
      ? quota / period
      : undefined;
  } catch {
    return undefined;
  }
}
