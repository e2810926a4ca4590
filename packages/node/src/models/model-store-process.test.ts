import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdir, mkdtemp, readdir, readFile, rm, stat, utimes, writeFile } from "node:fs/promises";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { requirement } from "../../../../tests/support/requirement.js";
import {
  type BundledSources,
  bundleSources,
  runScript,
  type ScriptResult,
  startScript,
} from "../test-support/child-process.js";
import { type ModelServer, startModelServer } from "../test-support/model-server.js";
import { partialPath } from "./partial-file.js";

const run = promisify(execFile);
const weights = Uint8Array.from({ length: 4_000_000 }, (_, index) => (index * 7 + (index >> 8)) & 255);
const sha256 = createHash("sha256").update(weights).digest("hex");

let sources: BundledSources;
let folder: string;
let server: ModelServer;

beforeAll(async () => {
  sources = await bundleSources('export { createModelStore } from "./models/model-store.js";');
}, 60_000);
afterAll(() => sources.dispose());

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "maskery-store-"));
  server = await startModelServer({ "encoder.onnx": weights });
});
afterEach(async () => {
  await server.close();
  await rm(folder, { recursive: true, force: true });
});

/** Fetches the file in a process of its own and prints the path, or the code and the message of the error. */
function fetchScript(directory = folder): string {
  const file = { name: "encoder.onnx", bytes: weights.length, sha256, url: `${server.address}encoder.onnx` };
  return `
    import { createModelStore } from ${JSON.stringify(sources.href)};
    const store = createModelStore(
      { id: "drawn", version: "1" },
      { modelDirectory: ${JSON.stringify(directory)} },
      { environment: {}, pauseFactor: 0.01 },
    );
    console.log("ready");
    await store.fetch(${JSON.stringify(file)}).then(
      ({ path }) => console.log(path),
      ({ code, message }) => console.log(code, message),
    );
  `;
}

const path = () => join(folder, "drawn@1", "encoder.onnx");
const namesThere = async () =>
  (await readdir(join(folder, "drawn@1"))).filter((name) => !name.endsWith(".record.json")).sort();

function expectFetched(result: ScriptResult): void {
  expect(result).toMatchObject({ exitCode: 0, standardError: "", standardOutput: `ready\n${path()}\n` });
}

async function expectRightFile(): Promise<void> {
  expect(Buffer.compare(await readFile(path()), weights)).toBe(0);
  expect(await namesThere()).toEqual(["encoder.onnx"]);
}

interface StalledDownload {
  /** Resolves when the first half is on the disk of the one who downloads. */
  readonly halfReceived: () => Promise<void>;
  readonly sendRest: () => void;
}

/** Sends the first half and then nothing, so that the one who downloads can be stopped in the middle. */
function stallHalfway(): StalledDownload {
  const half = weights.length / 2;
  let sendRest: () => void = () => undefined;
  server.behaviours.push((_, response) => {
    response.writeHead(200, { "content-length": String(weights.length), etag: '"one"' });
    response.write(weights.subarray(0, half));
    sendRest = () => response.end(weights.subarray(half));
  });
  const bytesThere = () =>
    stat(partialPath(path())).then(
      ({ size }) => size,
      () => 0,
    );
  return {
    async halfReceived() {
      while ((await bytesThere()) < half) await new Promise((resolve) => setTimeout(resolve, 10));
    },
    sendRest: () => sendRest(),
  };
}

describe("several processes", () => {
  test("that want the same file at once download it once", async () => {
    // Slowly, so that the others come while the first is at it.
    server.behaviours.push((_, response) => {
      response.writeHead(200, { "content-length": String(weights.length), etag: '"one"' });
      let sent = 0;
      const sendMore = () => {
        response.write(weights.subarray(sent, sent + 400_000));
        sent += 400_000;
        if (sent < weights.length) setTimeout(sendMore, 150);
        else response.end();
      };
      sendMore();
    });
    const script = fetchScript();
    const results = await Promise.all([runScript(script), runScript(script), runScript(script)]);
    for (const result of results) expectFetched(result);
    expect(server.requests).toHaveLength(1);
    await expectRightFile();
  });

  test("one killed in the middle: the next takes over and asks only for the rest", async () => {
    const stalled = stallHalfway();
    const killed = startScript(fetchScript());
    await stalled.halfReceived();
    const waiting = startScript(fetchScript());
    killed.process.kill("SIGKILL");
    expect((await killed.finished).signal).toBe("SIGKILL");
    expectFetched(await waiting.finished);
    expect(server.requests).toHaveLength(2);
    const [, from] = /^bytes=(\d+)-$/.exec(server.requests[1]!.headers.range ?? "")!;
    expect(Number(from)).toBe(weights.length / 2);
    await expectRightFile();
  }, 60_000);

  test("a lock left behind by a dead process is taken over by one of many", async () => {
    await mkdir(join(folder, "drawn@1"));
    const deadPid = (await runScript("console.log(process.pid)")).standardOutput.trim();
    await writeFile(
      `${path()}.lock`,
      JSON.stringify({ pid: Number(deadPid), host: hostname(), token: "left behind" }),
    );
    const anHourAgo = Date.now() / 1000 - 3600;
    await utimes(`${path()}.lock`, anHourAgo, anHourAgo);
    const script = fetchScript();
    for (const result of await Promise.all([runScript(script), runScript(script)])) expectFetched(result);
    expect(server.requests).toHaveLength(1);
    await expectRightFile();
  }, 60_000);
});

const withPosix = requirement(
  "a POSIX system",
  process.platform === "win32" ? "Windows knows no SIGSTOP and no ulimit" : null,
);

withPosix("a process that is stopped for long", () => {
  test("finds its lock taken and spoils nothing", async () => {
    const stalled = stallHalfway();
    const stopped = startScript(fetchScript());
    try {
      await stalled.halfReceived();
      stopped.process.kill("SIGSTOP");
      // What others do when they have not seen the holder for long.
      await rm(`${path()}.lock`);
      expectFetched(await runScript(fetchScript()));
      server.requests.length = 0;
      stopped.process.kill("SIGCONT");
      stalled.sendRest();
      expectFetched(await stopped.finished);
      expect(server.requests).toEqual([]);
      await expectRightFile();
    } finally {
      // One that is stopped would never end by itself.
      stopped.process.kill("SIGKILL");
    }
  }, 60_000);
});

const isRoot = process.getuid?.() === 0;
const withSmallDisk = requirement(
  "a disk of its own",
  process.platform === "linux" && isRoot ? null : "only root may mount a tmpfs, and only on Linux",
);

withSmallDisk("a full disk", () => {
  let disk: string;
  beforeEach(async () => {
    disk = join(folder, "disk");
    await mkdir(disk);
    await run("mount", ["-t", "tmpfs", "-o", "size=2m", "tmpfs", disk]);
  });
  afterEach(() => run("umount", ["-l", disk]));

  test("is said to be full, and the half of a file does not keep it full", async () => {
    const result = await runScript(fetchScript(disk));
    expect(result.standardOutput).toMatch(/^ready\nSTORAGE_FAILED encoder\.onnx: .*the disk is full/);
    expect(await readdir(join(disk, "drawn@1"))).toEqual([]);
    await run("mount", ["-o", "remount,size=8m", disk]);
    expect((await runScript(fetchScript(disk))).standardOutput).toBe(
      `ready\n${join(disk, "drawn@1", "encoder.onnx")}\n`,
    );
    expect(Buffer.compare(await readFile(join(disk, "drawn@1", "encoder.onnx")), weights)).toBe(0);
  });
});

withPosix("files that may not grow", () => {
  test("leave no half file in place", async () => {
    // A limit on the size of files stops writing in the middle, as a full disk does. The signal that comes with it is ignored.
    const output = await new Promise<string>((resolve, reject) => {
      const command = `trap "" XFSZ; ulimit -f 1024; exec "$0" --input-type=module -e "$1"`;
      execFile(
        "bash",
        ["-c", command, process.execPath, fetchScript()],
        { cwd: sources.folder },
        (error, stdout) => (error ? reject(error) : resolve(stdout)),
      );
    });
    expect(output).toMatch(/^ready\nSTORAGE_FAILED encoder\.onnx: /);
    expect(await namesThere()).toEqual([]);
  });
});

test("the HTTP client is loaded by the first download, not before", async () => {
  const script = `
    ${fetchScript()}
    const { createRequire } = await import("node:module");
    console.log(Object.keys(createRequire(${JSON.stringify(sources.href)}).cache).some((name) => /undici/.test(name)));
  `;
  await mkdir(join(folder, "drawn@1"));
  await writeFile(path(), weights);
  expect((await runScript(script)).standardOutput).toBe(`ready\n${path()}\nfalse\n`);
  expect(server.requests).toEqual([]);
  await rm(path());
  expect((await runScript(script)).standardOutput).toBe(`ready\n${path()}\ntrue\n`);
});
