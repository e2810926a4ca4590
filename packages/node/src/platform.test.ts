import { execFile, execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  lstat,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rm,
  stat,
  symlink,
  truncate,
  writeFile,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { MaskeryError, type MaskeryErrorCode } from "@maskery/core";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createNodePlatform } from "./platform.js";

const platform = createNodePlatform();
const content = Uint8Array.of(1, 2, 3, 250);
const maxBytes = 1000;
let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "maskery-platform-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function expectCode(work: Promise<unknown>, code: MaskeryErrorCode): Promise<MaskeryError> {
  const error: unknown = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!MaskeryError.is(error)) throw new Error(`expected ${code}, received ${String(error)}`);
  expect(error.code, error.message).toBe(code);
  return error;
}

describe("sha256", () => {
  test("hashes the parts in order, as if they were one", async () => {
    expect(await platform.sha256([])).toBe(createHash("sha256").digest("hex"));
    const whole = Uint8Array.from({ length: 5_000_001 }, (_, index) => index % 251);
    const expected = createHash("sha256").update(whole).digest("hex");
    expect(await platform.sha256([whole])).toBe(expected);
    expect(
      await platform.sha256([
        whole.subarray(0, 7),
        new Uint8Array(0),
        whole.subarray(7, 3_000_000),
        whole.subarray(3_000_000),
      ]),
    ).toBe(expected);
  });

  test("leaves the event loop free meanwhile", async () => {
    let turns = 0;
    const timer = setInterval(() => {
      turns += 1;
    }, 1);
    await platform.sha256([new Uint8Array(60_000_000)]);
    clearInterval(timer);
    expect(turns).toBeGreaterThan(5);
  });
});

describe("readImage", () => {
  const read = (reference: string | { href: string }) => platform.readImage(reference, { maxBytes });

  test("reads a path, a file: URL as an object or as text, and leaves no larger buffer behind it than it needs", async () => {
    const path = join(folder, "with space & ünicode #1.png");
    await writeFile(path, content);
    const url = pathToFileURL(path);
    for (const reference of [path, url, url.href])
      expect(new Uint8Array(await read(reference))).toEqual(content);
  });

  test("reads data: URLs", async () => {
    const base64 = Buffer.from(content).toString("base64");
    for (const url of [
      `data:image/png;base64,${base64}`,
      `DATA:image/png;BASE64,${base64}`,
      `data:;base64,${base64.replaceAll("=", "")}`,
      `data:image/png;base64,${encodeURIComponent(base64)}`,
      "data:application/octet-stream,%01%02%03%fa",
    ]) {
      expect(new Uint8Array(await read(url)), url).toEqual(content);
    }
    expect(Buffer.from(await read("data:,a%20b%C3%BC")).toString()).toBe("a bü");
    for (const url of [
      "data:",
      "data:image/png;base64",
      "data:;base64,!!!!",
      "data:;base64,AAAAA",
      "data:,%zz",
    ]) {
      await expectCode(read(url), "INVALID_INPUT");
    }
  });

  test("does not go to the network, and says what to do instead", async () => {
    for (const url of [
      "http://example.org/a.png",
      "HTTPS://example.org/a.png",
      new URL("https://example.org/a.png"),
    ]) {
      expect((await expectCode(read(url), "INVALID_INPUT")).message).toContain(
        "fetch it first and pass its bytes",
      );
    }
    for (const url of [
      "ftp://example.org/a.png",
      "s3://bucket/key",
      "blob:abc",
      new URL("s3://bucket/key"),
      "file://other-host/a.png",
    ]) {
      await expectCode(read(url), "INVALID_INPUT");
    }
  });

  test("takes a path with a colon for a path", async () => {
    await writeFile(join(folder, "12:30.png"), content);
    expect(new Uint8Array(await read(join(folder, "12:30.png")))).toEqual(content);
  });

  test("tells a missing file from a directory, and both from nonsense", async () => {
    const error = await expectCode(read(join(folder, "missing.png")), "NOT_FOUND");
    expect(error.message).toContain("missing.png");
    expect(error.field).toBe("image");
    await writeFile(join(folder, "file"), content);
    await expectCode(read(join(folder, "file", "below.png")), "NOT_FOUND");
    await expectCode(read(folder), "INVALID_INPUT");
    await expectCode(read(pathToFileURL(folder)), "INVALID_INPUT");
    await expectCode(read(""), "INVALID_INPUT");
    await expectCode(read("zero\0byte"), "INVALID_INPUT");
    await expectCode(read("x".repeat(5000)), "INVALID_INPUT");
    await expectCode(read(42 as unknown as string), "INVALID_INPUT");
    await expectCode(read(null as unknown as string), "INVALID_INPUT");
  });

  test("looks at the size before it reads, and while it reads", async () => {
    const path = join(folder, "large");
    await writeFile(path, "");
    await truncate(path, 50_000_000_000); // sparse: the size of a disk, without its bytes
    const start = performance.now();
    await expectCode(read(path), "IMAGE_TOO_LARGE");
    expect(performance.now() - start).toBeLessThan(1000);
    await expectCode(read(`data:;base64,${"A".repeat(2000)}`), "IMAGE_TOO_LARGE");
    await expectCode(read(`data:;base64,${"A".repeat(2_000_000)}`), "IMAGE_TOO_LARGE");
    await writeFile(path, new Uint8Array(maxBytes));
    expect((await read(path)).length).toBe(maxBytes);
    if (process.platform === "linux") await expectCode(read("/dev/zero"), "IMAGE_TOO_LARGE");
  });

  test.skipIf(process.platform === "win32")(
    "reads a pipe, and stops waiting for one when aborted",
    async () => {
      const pipe = join(folder, "pipe");
      execFileSync("mkfifo", [pipe]);
      const waiting = platform.readImage(pipe, { maxBytes, signal: AbortSignal.timeout(30) });
      await expectCode(waiting, "TIMEOUT");
      // Frees the thread that still waits for somebody to write.
      execFile("sh", ["-c", `echo late > ${pipe}`]);
      const reading = read(pipe);
      execFile("sh", ["-c", `sleep 0.1; echo hello > ${pipe}`]);
      expect(Buffer.from(await reading).toString()).toMatch(/hello|late/);
    },
  );

  test("does not start when the signal has fired already", async () => {
    await expectCode(
      platform.readImage(join(folder, "missing"), { maxBytes, signal: AbortSignal.abort() }),
      "ABORTED",
    );
  });
});

describe("writeFile", () => {
  const write = (path: string, bytes = content, options = {}) =>
    platform.writeFile?.(path, bytes, options) ?? Promise.reject();

  test("writes a new file, and replaces one", async () => {
    const path = join(folder, "out.png");
    await write(path, new Uint8Array(100));
    await write(path);
    expect(new Uint8Array(await readFile(path))).toEqual(content);
    expect(await readdir(folder)).toEqual(["out.png"]);
  });

  test("refuses a folder that does not exist, a path that is a folder, and no path", async () => {
    const error = await expectCode(write(join(folder, "missing", "out.png")), "STORAGE_FAILED");
    expect(error.message).toContain("its folder does not exist");
    await mkdir(join(folder, "directory"));
    expect((await expectCode(write(join(folder, "directory")), "STORAGE_FAILED")).message).toContain(
      "is a folder",
    );
    await writeFile(join(folder, "file"), "");
    await expectCode(write(join(folder, "file", "out.png")), "STORAGE_FAILED");
    await expectCode(write(join(folder, "x".repeat(300))), "STORAGE_FAILED");
    await expectCode(write(""), "INVALID_INPUT");
    expect((await readdir(folder)).sort()).toEqual(["directory", "file"]);
  });

  test("leaves the old file and nothing else when it fails or is aborted", async () => {
    const path = join(folder, "out.png");
    await write(path);
    await expectCode(write(path, new Uint8Array(10), { signal: AbortSignal.abort() }), "ABORTED");
    const controller = new AbortController();
    const writing = write(path, new Uint8Array(80_000_000), { signal: controller.signal });
    setTimeout(() => controller.abort(), 2);
    await expectCode(writing, "ABORTED");
    expect(new Uint8Array(await readFile(path))).toEqual(content);
    expect(await readdir(folder)).toEqual(["out.png"]);
  });

  test("writes a name of the greatest length", async () => {
    await write(join(folder, "x".repeat(255)));
    expect(await readdir(folder)).toEqual(["x".repeat(255)]);
  });

  test.skipIf(process.platform === "win32")(
    "follows a link, and writes to a device without replacing it",
    async () => {
      await mkdir(join(folder, "elsewhere"));
      await writeFile(join(folder, "elsewhere", "target.png"), "old");
      await symlink(join(folder, "elsewhere", "target.png"), join(folder, "link.png"));
      await write(join(folder, "link.png"));
      expect((await lstat(join(folder, "link.png"))).isSymbolicLink()).toBe(true);
      expect(new Uint8Array(await readFile(join(folder, "elsewhere", "target.png")))).toEqual(content);
      await write("/dev/null");
      expect((await stat("/dev/null")).isCharacterDevice()).toBe(true);
      if (process.platform === "linux")
        expect((await expectCode(write("/dev/full"), "STORAGE_FAILED")).message).toContain(
          "the disk is full",
        );
    },
  );

  test.skipIf(process.platform !== "linux")("says when a folder may not be written", async () => {
    // Not even root makes files there.
    const error = await expectCode(write("/sys/kernel/maskery.png"), "STORAGE_FAILED");
    expect(error.message).toContain("may not be written");
  });
});

test("now never goes back", () => {
  const first = platform.now();
  expect(platform.now()).toBeGreaterThanOrEqual(first);
});
