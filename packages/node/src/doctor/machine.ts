import { readFileSync } from "node:fs";
import { availableParallelism, cpus, freemem, release, totalmem, type, version } from "node:os";
import { defaultThreadCount } from "../runtime/thread-count.js";

export interface MachineReport {
  readonly system: string;
  readonly architecture: string;
  readonly processor: string;
  /** Processors that this process may use, and the threads for one run of a model. */
  readonly processors: number;
  readonly threadsPerRun: number;
  readonly memoryBytes: number;
  readonly freeMemoryBytes: number;
  /** Bound of the container, where there is one. */
  readonly memoryLimitBytes?: number;
  /** What this process holds now. */
  readonly residentBytes: number;
}

export async function describeMachine(): Promise<MachineReport> {
  const memoryBytes = totalmem();
  const limit = process.constrainedMemory();
  return {
    system: [distribution(), `${type()} ${release()}`].filter(Boolean).join(", ") || version(),
    architecture: process.arch,
    processor: cpus()[0]?.model.trim() ?? "unknown",
    processors: availableParallelism(),
    threadsPerRun: await defaultThreadCount(),
    memoryBytes,
    freeMemoryBytes: freemem(),
    ...(limit > 0 && limit < memoryBytes && { memoryLimitBytes: limit }),
    residentBytes: process.memoryUsage.rss(),
  };
}

/** Which Linux, for example "Debian GNU/Linux 12 (bookworm)". */
function distribution(): string | undefined {
  try {
    return /^PRETTY_NAME="?([^"\n]*)/m.exec(readFileSync("/etc/os-release", "utf8"))?.[1];
  } catch {
    return undefined;
  }
}
