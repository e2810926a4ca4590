import { type ChildProcess, spawn } from "node:child_process";
import { copyFile, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build } from "tsup";

/** Sources of this package, bundled so that a plain Node process can import them. For tests only. */
export interface BundledSources {
  /** Address to import in a script. */
  readonly href: string;
  /** A folder for the test's own files, removed together with the bundle. */
  readonly folder: string;
  dispose(): Promise<void>;
}

const packageFolder = fileURLToPath(new URL("../..", import.meta.url));

/**
 * Bundles what `exports` lists, for example `export { createOnnxRuntime } from "./runtime/onnx-runtime.js";`
 * (relative to `src`). The bundle lies inside the package, so that its dependencies are found.
 */
export async function bundleSources(exports: string): Promise<BundledSources> {
  const scratch = join(packageFolder, ".tmp");
  await mkdir(scratch, { recursive: true });
  const folder = await mkdtemp(join(scratch, "test-"));
  const entry = join(folder, "sources.ts");
  await writeFile(entry, exports.replaceAll(/from "\.\//g, `from "${join(packageFolder, "src")}/`));
  await build({
    config: false,
    entry: { sources: entry },
    outDir: folder,
    outExtension: () => ({ js: ".mjs" }),
    format: "esm",
    target: "node20",
    platform: "node",
    tsconfig: join(packageFolder, "../../tsconfig.json"),
    noExternal: [/^@maskery\/core/],
    external: ["sharp", "onnxruntime-node", "undici"],
    splitting: false,
    dts: false,
    clean: false,
    silent: true,
  });
  for (const name of ["graph-worker.mjs", "device-probe.mjs"]) {
    await copyFile(join(packageFolder, "src/runtime", name), join(folder, name));
  }
  return {
    href: pathToFileURL(join(folder, "sources.mjs")).href,
    folder,
    dispose: () => rm(folder, { recursive: true, force: true }),
  };
}

export interface ScriptResult {
  /** Null when a signal ended the process. */
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly standardOutput: string;
  readonly standardError: string;
}

export interface RunningScript {
  readonly process: ChildProcess;
  readonly finished: Promise<ScriptResult>;
}

export interface ScriptOptions {
  readonly cwd?: string;
  /** Beyond this process's own. */
  readonly env?: Readonly<Record<string, string>>;
}

/** Starts an ES module, given as text, in a Node process of its own. */
export function startScript(
  source: string,
  { cwd = packageFolder, env = {} }: ScriptOptions = {},
): RunningScript {
  const child = spawn(process.execPath, ["--input-type=module", "-e", source], {
    cwd,
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let standardOutput = "";
  let standardError = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    standardOutput += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    standardError += text;
  });
  const finished = new Promise<ScriptResult>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (exitCode, signal) => resolve({ exitCode, signal, standardOutput, standardError }));
  });
  return { process: child, finished };
}

export function runScript(source: string, options?: ScriptOptions): Promise<ScriptResult> {
  return startScript(source, options).finished;
}
