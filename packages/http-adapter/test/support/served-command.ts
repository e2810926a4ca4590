import { type ChildProcess, spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

const command = fileURLToPath(new URL("../../../node/dist/cli.js", import.meta.url));

/** `maskery serve`, listening. */
export interface ServedCommand {
  readonly url: string;
  /** What it printed. */
  readonly line: string;
  readonly child: ChildProcess;
  readonly ended: Promise<EndedCommand>;
  /** What it wrote to its log so far. */
  log(): string;
}

export interface EndedCommand {
  readonly code: number | null;
  readonly log: string;
}

/** Starts the built command as processes of their own, and ends what is left of them. */
export class ServedCommands {
  readonly #running = new Map<ChildProcess, Promise<EndedCommand>>();
  readonly #env: Readonly<Record<string, string>>;

  /** @param env - For all of them. */
  constructor(env: Readonly<Record<string, string>> = {}) {
    this.#env = env;
  }

  start(
    args: readonly string[],
    env: Readonly<Record<string, string>> = {},
  ): { readonly listening: Promise<ServedCommand>; readonly ended: Promise<EndedCommand> } {
    const quiet = { GEMINI_API_KEY: "", MASKERY_DEBUG: "", MODAL_BASE_URL: "", MASKERY_REMOTE_TOKEN: "" };
    const child = spawn(process.execPath, [command, "serve", ...args], {
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...process.env, ...quiet, ...this.#env, ...env },
    });
    let out = "";
    let log = "";
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      log += text;
    });
    const ended = new Promise<EndedCommand>((resolve) =>
      child.on("close", (code) => {
        this.#running.delete(child);
        resolve({ code, log });
      }),
    );
    this.#running.set(child, ended);
    const listening = new Promise<ServedCommand>((resolve, reject) => {
      child.stdout.setEncoding("utf8").on("data", (text: string) => {
        out += text;
        const url = /listens on (http:\/\/[^\s/]+)/.exec(out)?.[1];
        if (url !== undefined && out.endsWith("\n"))
          resolve({ url, line: out, child, ended, log: () => log });
      });
      void ended.then(() => reject(new Error(`ended before it listened: ${log}`)));
    });
    listening.catch(() => undefined);
    return { listening, ended };
  }

  /** Ends all that still run, and waits until they have: then nobody writes into their folders any more. */
  async stopAll(): Promise<void> {
    const all = [...this.#running];
    for (const [child] of all) child.kill("SIGKILL");
    await Promise.all(all.map(([, ended]) => ended));
  }
}
