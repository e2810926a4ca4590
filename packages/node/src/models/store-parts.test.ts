import { execFile } from "node:child_process";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { homedir, tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { Readable } from "node:stream";
import { promisify } from "node:util";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { requirement } from "../../../../tests/support/requirement.js";
import { withFileLock } from "./file-lock.js";
import { modelFolderName } from "./model-folder-name.js";
import { readAhead } from "./read-ahead.js";
import { modelStoreSettings } from "./store-settings.js";
import { writeTar } from "./tar-writer.js";

const run = promisify(execFile);
let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "maskery-models-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

describe("the folder of a model", () => {
  test("is its id and version", () => {
    expect(modelFolderName({ id: "sam2.1-tiny", version: "814a066640de" })).toBe("sam2.1-tiny@814a066640de");
  });

  test("is a plain name, and another one, for whatever users call their models", () => {
    const ids = ["../../etc", "a/b", "a_b", "a\\b", ".", "..", "con", "x".repeat(300), "ä", "a b", "C:"];
    const names = ids.map((id) => modelFolderName({ id, version: "1" }));
    for (const name of names) {
      expect(name).toMatch(/^[\w@+.-]{1,130}$/);
      expect(resolve(folder, name)).toBe(join(folder, name));
      expect(name).not.toMatch(/^\.|\.$|^con(@|$)/);
    }
    expect(new Set(names).size).toBe(ids.length);
  });
});

describe("settings of the store", () => {
  test("come from options, then from the environment, then from the platform", () => {
    const environment = {
      MASKERY_MODEL_DIR: "/models",
      MASKERY_MODEL_MIRROR: "https://mirror.example/models",
      MASKERY_OFFLINE: "true",
      XDG_CACHE_HOME: "/cache",
    };
    expect(modelStoreSettings({}, environment)).toMatchObject({
      directory: resolve("/models"),
      mirror: new URL("https://mirror.example/models/"),
      offline: true,
    });
    const options = { modelDirectory: "own", mirror: "http://localhost/", offline: false };
    expect(modelStoreSettings(options, environment)).toMatchObject({
      directory: resolve("own"),
      mirror: new URL("http://localhost/"),
      offline: false,
    });
    expect(modelStoreSettings({}, { MASKERY_OFFLINE: "0", MASKERY_MODEL_DIR: " " })).toMatchObject({
      mirror: undefined,
      offline: false,
    });
  });

  test("prefer the lower-case names of proxies, as curl does", () => {
    const { network } = modelStoreSettings(
      {},
      { https_proxy: "one", HTTPS_PROXY: "two", HTTP_PROXY: "three" },
    );
    expect(network).toMatchObject({ httpsProxy: "one", httpProxy: "three", noProxy: "" });
  });
});

requirement("Linux", process.platform === "linux" ? null : "only Linux has this standard")(
  "settings of the store on Linux",
  () => {
    test("follow the cache folder of the desktop standard", () => {
      const directoryWith = (environment: Record<string, string>) =>
        modelStoreSettings({}, environment).directory;
      expect(directoryWith({ XDG_CACHE_HOME: "/cache" })).toBe("/cache/maskery/models");
      expect(directoryWith({ XDG_CACHE_HOME: "relative" })).toBe(join(homedir(), ".cache/maskery/models"));
      expect(directoryWith({})).toBe(join(homedir(), ".cache/maskery/models"));
    });
  },
);

describe("a lock", () => {
  test("lets one work at a time, and the next after a failure", async () => {
    const path = join(folder, "lock");
    let inside = 0;
    let most = 0;
    const work = async () => {
      inside += 1;
      most = Math.max(most, inside);
      await new Promise((done) => setTimeout(done, 30));
      inside -= 1;
    };
    const fail = () => withFileLock(path, () => Promise.reject(new Error("on purpose")));
    const all = await Promise.allSettled([
      withFileLock(path, work),
      fail(),
      withFileLock(path, work),
      withFileLock(path, work),
    ]);
    expect(all.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled", "fulfilled"]);
    expect(most).toBe(1);
    expect(await readdir(folder)).toEqual([]);
  });

  test("tells its holder that it is gone", async () => {
    const path = join(folder, "lock");
    await withFileLock(path, async (lock) => {
      await lock.verify();
      await lock.ensureHeld();
      await writeFile(path, JSON.stringify({ pid: process.pid, host: "other", token: "other" }));
      await expect(lock.verify()).rejects.toThrow("taken over");
    });
    // It is another's now and stays.
    expect(JSON.parse(await readFile(path, "utf8"))).toMatchObject({ token: "other" });
  });
});

test("what arrived before a stream broke is read before the failure", async () => {
  const stream = new Readable({ read: () => undefined });
  const chunks = readAhead(stream);
  stream.push(Uint8Array.of(1, 2));
  stream.push(Uint8Array.of(3));
  await new Promise((done) => setImmediate(done));
  stream.destroy(new Error("broken"));
  await new Promise((done) => setImmediate(done));
  const seen: number[] = [];
  const readAll = async () => {
    for await (const chunk of chunks) seen.push(...chunk);
  };
  await expect(readAll()).rejects.toThrow("broken");
  expect(seen).toEqual([1, 2, 3]);
});

describe("a tar file", () => {
  const content = (bytes: Uint8Array) => ({ bytes: bytes.length, content: [bytes] });

  test("is read by tar, with long names and any length", async () => {
    const names = ["model/maskery.json", `model/${"x".repeat(90)}/${"y".repeat(60)}.onnx`, "model/empty"];
    const files = [Buffer.from("{}"), Buffer.alloc(1537, 7), new Uint8Array(0)];
    const path = join(folder, "bundle.tar");
    await writeTar(
      path,
      names.map((name, index) => ({ name, ...content(files[index]!) })),
    );
    await run("tar", ["-xf", path, "-C", folder]);
    for (const [index, name] of names.entries())
      expect(Buffer.compare(await readFile(join(folder, name)), files[index]!)).toBe(0);
    expect((await readFile(path)).length % 512).toBe(0);
  });

  test("is the same file for the same content, and no file when something fails", async () => {
    const entries = [{ name: "one", ...content(Buffer.from("one")) }];
    await writeTar(join(folder, "a.tar"), entries);
    await writeTar(join(folder, "b.tar"), entries);
    expect(await readFile(join(folder, "a.tar"))).toEqual(await readFile(join(folder, "b.tar")));
    const wrong = {
      name: "two",
      bytes: 9,
      content: [Buffer.from("too short")].map((bytes) => bytes.subarray(1)),
    };
    await expect(writeTar(join(folder, "c.tar"), [wrong])).rejects.toThrow("expected 9 bytes");
    await expect(writeTar(join(folder, "c.tar"), entries, AbortSignal.abort())).rejects.toMatchObject({
      code: "ABORTED",
    });
    expect((await readdir(folder)).sort()).toEqual(["a.tar", "b.tar"]);
  });
});
