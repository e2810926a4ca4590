import { execFile, spawn } from "node:child_process";
import { cp, mkdir, mkdtemp, readFile, rm, symlink } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { createSegmentationClient } from "@maskery/http-adapter/client";
import { afterAll, beforeAll, expect, it } from "vitest";
import { requirement } from "../../../tests/support/requirement.js";

/** Downloading Next and building with it takes a minute or two; a machine under load may need several. */
const longestMs = 900_000;

const run = promisify(execFile);
const repository = join(import.meta.dirname, "../../..");
const environment = { ...process.env, NEXT_TELEMETRY_DISABLED: "1", NODE_ENV: "production" };

/** Next is no dependency of this repository: it comes from the registry each time. */
async function whyNoRegistry(): Promise<string | null> {
  try {
    await run("npm", ["view", "next", "version", "--fetch-retries=1", "--fetch-timeout=20000"], {
      cwd: repository,
    });
    return null;
  } catch {
    return "it does not answer";
  }
}

requirement("the npm registry", await whyNoRegistry())("examples/next, installed, built and started", () => {
  let folder = "";
  let application = "";
  let stop = () => Promise.resolve();

  beforeAll(async () => {
    await mkdir(join(repository, ".tmp"), { recursive: true });
    folder = await mkdtemp(join(repository, ".tmp/next-"));
    application = join(folder, "examples/next");
    // As it lies in the repository, without what a reader's own tries left there.
    const isLeftover = (path: string) => /next[\\/](node_modules|\.next|package-lock\.json)/.test(path);
    await cp(join(repository, "examples/next"), application, {
      recursive: true,
      filter: (path) => !isLeftover(path),
    });
    await symlink(join(repository, "packages"), join(folder, "packages"));
    await run("npm", ["install", "--prefer-offline", "--no-audit", "--no-fund"], { cwd: application });
  }, longestMs);

  afterAll(async () => {
    await stop();
    await rm(folder, { recursive: true, force: true });
  });

  it("answers under the application's own pages", { timeout: longestMs }, async () => {
    const next = join(application, "node_modules/next/dist/bin/next");
    await run(process.execPath, [next, "build"], { cwd: application, env: environment });

    const child = spawn(process.execPath, [next, "start", "--port", "0"], {
      cwd: application,
      env: environment,
      stdio: ["ignore", "pipe", "pipe"],
    });
    const ended = new Promise<void>((resolve) => child.on("close", () => resolve()));
    stop = () => {
      child.kill("SIGTERM");
      return ended;
    };
    const url = await new Promise<string>((resolve, reject) => {
      let log = "";
      const read = (text: Buffer) => {
        log += text;
        const found = /http:\/\/localhost:\d+/.exec(log)?.[0];
        if (found && log.includes("Ready")) resolve(found);
      };
      child.stdout.on("data", read);
      child.stderr.on("data", read);
      void ended.then(() => reject(new Error(`next start ended: ${log}`)));
    });

    expect(await (await fetch(url)).text()).toContain("An application");
    expect((await fetch(`${url}/vision/docs`)).status).toBe(200);
    expect((await fetch(`${url}/vision/nowhere`)).status).toBe(404);
    // The model runs: once Next had bundled the packages, its files and the worker's were not found.
    const { painter } = createSegmentationClient({ baseUrl: `${url}/vision` });
    const { session_id } = await painter.upload(
      await readFile(join(repository, "examples/photos/coffee.png")),
    );
    const { masks } = await painter.segment({ session_id, points: [{ x: 300, y: 180 }] });
    expect(masks[0]!.area).toBeGreaterThan(1000);
  });
});
