import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

export const commandFile = fileURLToPath(new URL("../dist/cli.js", import.meta.url));

export const photo = (name: string): string =>
  fileURLToPath(new URL(`../../../examples/photos/${name}`, import.meta.url));

export interface CommandRun {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CommandRunOptions {
  readonly env?: Readonly<Record<string, string>>;
  /** Sent as soon as this much time has passed. */
  readonly interruptAfterMs?: number;
  /** Closes the reading end of standard output at once, as `| head` does. */
  readonly closeStdout?: boolean;
}

/** Runs the built command as a user would: a process of its own, no terminal. */
export function maskery(args: readonly string[], options: CommandRunOptions = {}): Promise<CommandRun> {
  return run(commandFile, args, options);
}

/** The same for a command that lies elsewhere. */
export function run(
  file: string,
  args: readonly string[],
  options: CommandRunOptions = {},
): Promise<CommandRun> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [file, ...args], {
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...process.env, MASKERY_DEBUG: "", ...options.env },
    });
    let stdout = "";
    let stderr = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      stdout += text;
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      stderr += text;
    });
    if (options.closeStdout) child.stdout.destroy();
    const timer =
      options.interruptAfterMs === undefined
        ? undefined
        : setTimeout(() => child.kill("SIGINT"), options.interruptAfterMs);
    child.on("error", reject);
    child.on("close", (exitCode) => {
      clearTimeout(timer);
      resolve({ exitCode, stdout, stderr });
    });
  });
}
