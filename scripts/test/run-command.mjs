import { spawn } from "node:child_process";

/** @type {import("node:child_process").ChildProcess | undefined} */
let running;
let interrupted = false;

/** Children lead their own process group, so one signal ends them with everything they started. */
for (const signal of /** @type {const} */ (["SIGINT", "SIGTERM", "SIGHUP"])) {
  process.on(signal, () => {
    interrupted = true;
    if (running?.pid === undefined) process.exit(130);
    process.kill(-running.pid, signal);
  });
}

/**
 * Runs one command to its end. Its output goes straight to ours; with `capture`, standard output is returned instead.
 * @param {string} command
 * @param {readonly string[]} parameters
 * @param {{ capture?: boolean, env?: Record<string, string> }} [options]
 * @returns {Promise<string>}
 * @throws when the command cannot start or does not exit with 0.
 */
export function runCommand(command, parameters, { capture = false, env = {} } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, parameters, {
      detached: true,
      env: { ...process.env, ...env },
      stdio: ["ignore", capture ? "pipe" : "inherit", "inherit"],
    });
    running = child;
    let output = "";
    child.stdout?.setEncoding("utf8").on("data", (text) => {
      output += text;
    });
    child.once("error", reject);
    child.once("close", (code, signal) => {
      running = undefined;
      if (interrupted) process.exit(130);
      if (code === 0) resolve(output);
      else reject(new Error(`${[command, ...parameters].join(" ")}: ${signal ?? `exit code ${code}`}`));
    });
  });
}

/**
 * Runs a tool from node_modules/.bin.
 * @param {string} name
 * @param {readonly string[]} parameters
 * @param {Parameters<typeof runCommand>[2]} [options]
 */
export const runTool = (name, parameters, options) =>
  runCommand(`node_modules/.bin/${name}`, parameters, options);
