import { type ChildProcess, fork } from "node:child_process";
import { basename } from "node:path";
import { fileURLToPath } from "node:url";
import { abortError, MaskeryError, type NamedTensors, type Tensor } from "@maskery/core";
import type { GraphWorkerSetup } from "./graph-protocol.js";

/** One graph to load and run in a probe process. */
export interface ProbeJob {
  readonly setup: Omit<GraphWorkerSetup, "callsUnderWay">;
  readonly feeds: readonly (readonly [name: string, tensor: Tensor])[];
  readonly outputs: readonly string[];
  /** Runs it again and again, at most so often … */
  readonly mostRuns: number;
  /** … and until so many milliseconds went by. */
  readonly enoughMs: number;
}

export type ProbeResult =
  | {
      readonly kind: "done";
      /** Of the last run. */
      readonly outputs: readonly (readonly [name: string, tensor: Tensor])[];
      readonly loadMs: number;
      readonly runMs: readonly number[];
      /** Devices that the engine is built with, by its own names. */
      readonly backends: readonly string[];
    }
  | { readonly kind: "failed"; readonly message: string };

/** A process that may die in place of this one. */
export interface ProbeProcess {
  /**
   * @throws Error saying how the process ended, when it did.
   * @throws MaskeryError `ABORTED`, `TIMEOUT`.
   */
  run(job: ProbeJob): Promise<ProbeResult>;
  end(): void;
}

export interface ProbeProcessOptions {
  readonly signal?: AbortSignal | undefined;
  /** The process is ended after so long, whatever it does. */
  readonly timeoutMs: number;
  /** Another program, for tests. */
  readonly program?: string;
}

/** What of a dying process's last words is kept. */
const lastWordsLength = 2000;

/**
 * Whether another Node can be started from here: inside a program that was made from Node (a single executable), the
 * program itself would start again.
 */
export function canStartProbeProcess(): boolean {
  return (
    process.versions["electron"] !== undefined || /^node(js)?(\.exe)?$/i.test(basename(process.execPath))
  );
}

export function startProbeProcess({ signal, timeoutMs, program }: ProbeProcessOptions): ProbeProcess {
  const child = fork(program ?? fileURLToPath(new URL("./device-probe.mjs", import.meta.url)), [], {
    execArgv: [],
    env: probeEnvironment(),
    serialization: "advanced",
    stdio: ["ignore", "ignore", "pipe", "ipc"],
  });
  const lastWords = collectLastWords(child);
  const end = () => {
    child.kill("SIGKILL");
  };

  const run = (job: ProbeJob) =>
    new Promise<ProbeResult>((resolve, reject) => {
      const timer = setTimeout(
        () => settle(() => reject(new Error(`it gave no answer within ${timeoutMs / 1000} s`))),
        timeoutMs,
      );
      const onAbort = () => settle(() => reject(abortError(signal!)));
      const onMessage = (result: ProbeResult) => settle(() => resolve(result));
      const onError = (cause: Error) => settle(() => reject(cause));
      const onExit = (code: number | null, killedBy: string | null) =>
        settle(() => reject(new Error(describeEnd(code, killedBy, lastWords()))));
      const settle = (act: () => void) => {
        clearTimeout(timer);
        signal?.removeEventListener("abort", onAbort);
        child.off("message", onMessage).off("error", onError).off("close", onExit);
        act();
      };
      signal?.addEventListener("abort", onAbort, { once: true });
      child.on("message", onMessage).on("error", onError).on("close", onExit);
      if (signal?.aborted) onAbort();
      else if (child.exitCode !== null || child.signalCode !== null) onExit(child.exitCode, child.signalCode);
      else child.send(job, (error) => error && onError(error));
    });

  return { run, end };
}

export function toNamedTensors(outputs: Extract<ProbeResult, { kind: "done" }>["outputs"]): NamedTensors {
  return Object.fromEntries(outputs);
}

/** @throws The error when it says that the caller wants no answer any more. */
export function rethrowAbort(error: unknown): void {
  if (MaskeryError.is(error)) throw error;
}

function probeEnvironment(): NodeJS.ProcessEnv {
  const { NODE_OPTIONS: options, ...environment } = process.env;
  return {
    ...environment,
    // A second inspector would take the first one's port.
    ...(options !== undefined && { NODE_OPTIONS: options.replace(/--inspect\S*/g, "") }),
    ...(process.versions["electron"] !== undefined && { ELECTRON_RUN_AS_NODE: "1" }),
  };
}

function collectLastWords(child: ChildProcess): () => string {
  let words = "";
  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    words = (words + text).slice(-lastWordsLength);
  });
  return () => words.trim();
}

function describeEnd(code: number | null, killedBy: string | null, lastWords: string): string {
  const how = killedBy === null ? `exit code ${code}` : `signal ${killedBy}`;
  const lastLine = lastWords.split("\n").at(-1)?.trim() ?? "";
  return `it ended the process (${how})${lastLine === "" ? "" : `: ${lastLine}`}`;
}
