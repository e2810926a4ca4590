import { createHash } from "node:crypto";
import { mkdir, mkdtemp, readdir, readFile, rm, stat, utimes, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ModelFile, ModelStore } from "@maskery/core";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type ModelServer, startModelServer } from "../test-support/model-server.js";
import { type CreateModelStoreOptions, createModelStore } from "./model-store.js";

const weights = Uint8Array.from({ length: 300_000 }, (_, index) => (index * 7 + (index >> 8)) & 255);
const sha256Of = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");
const model = { id: "drawn", version: "1" };

let folder: string;
let server: ModelServer;
let file: ModelFile & { readonly url: string };
let path: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "maskery-store-"));
  server = await startModelServer({ "origin/encoder.onnx": weights });
  path = join(folder, "drawn@1", "encoder.onnx");
  file = {
    name: "encoder.onnx",
    bytes: weights.length,
    sha256: sha256Of(weights),
    url: `${server.address}origin/encoder.onnx`,
  };
});
afterEach(async () => {
  await server.close();
  await rm(folder, { recursive: true, force: true });
});

const openStore = (
  options: CreateModelStoreOptions = {},
  environment: Record<string, string> = {},
): ModelStore =>
  createModelStore(model, { modelDirectory: folder, ...options }, { environment, pauseFactor: 0.001 });

const without = <Key extends keyof ModelFile>(key: Key): ModelFile => ({ ...file, [key]: undefined });

/** What lies in the model's folder without the records beside the files. */
const namesThere = async () =>
  (await readdir(join(folder, "drawn@1")).catch(() => []))
    .filter((name) => !name.endsWith(".record.json"))
    .sort();

async function expectRightFile(): Promise<void> {
  expect(Buffer.compare(await readFile(path), weights)).toBe(0);
  expect(await namesThere()).toEqual(["encoder.onnx"]);
}

describe("a download", () => {
  test("ends as the right file in its place, reports progress, and happens once", async () => {
    const seen: number[] = [];
    const onProgress = (progress: { receivedBytes: number; totalBytes: number | undefined }) => {
      expect(progress.totalBytes).toBe(weights.length);
      seen.push(progress.receivedBytes);
    };
    expect(await openStore().fetch(file, { onProgress })).toEqual({ kind: "path", path });
    expect(seen[0]).toBe(0);
    expect(seen.at(-1)).toBe(weights.length);
    expect(seen).toEqual([...seen].sort((one, other) => one - other));
    await expectRightFile();
    await openStore().fetch(file);
    expect(server.requests).toHaveLength(1);
    expect(server.requests[0]!.headers).toMatchObject({ "accept-encoding": "identity" });
    expect(server.requests[0]!.headers["user-agent"]).toMatch(/^maskery\/\d/);
  });

  test.each([10, 20, 30, 40, 50, 60, 70, 80, 90])(
    "goes on after a cut at %d %%, by another store",
    async (percent) => {
      const cutAt = (weights.length * percent) / 100;
      // Cut as often as the store tries again, always at the same place: this download fails.
      for (let attempt = 0; attempt < 6; attempt += 1)
        server.behaviours.push((_, __, serve) => serve({ cutAt }));
      await expect(openStore().fetch(file)).rejects.toMatchObject({ code: "MODEL_UNAVAILABLE" });
      expect(await namesThere()).toEqual(["encoder.onnx.partial", "encoder.onnx.partial.json"]);
      expect((await stat(`${path}.partial`)).size).toBe(cutAt);

      server.behaviours.length = 0;
      server.requests.length = 0;
      await openStore().fetch(file);
      await expectRightFile();
      expect(server.requests.map(({ headers }) => [headers.range, headers["if-range"]])).toEqual([
        [`bytes=${cutAt}-`, '"one"'],
      ]);
    },
  );

  test("that is cut at every 10 % still ends well, and asks for each byte once", async () => {
    for (let percent = 10; percent < 100; percent += 10)
      server.behaviours.push((_, __, serve) => serve({ cutAt: (weights.length * percent) / 100 }));
    await openStore().fetch(without("sha256"));
    await expectRightFile();
    expect(server.requests.map(({ headers }) => headers.range)).toEqual([
      undefined,
      ...[1, 2, 3, 4, 5, 6, 7, 8, 9].map((tenth) => `bytes=${(weights.length * tenth) / 10}-`),
    ]);
  });

  test("begins again when the content changed in between", async () => {
    const other = weights.map((byte) => byte ^ 1);
    server.behaviours.push((_, __, serve) => serve({ content: other, etag: '"other"', cutAt: 100_000 }));
    await openStore().fetch(file);
    await expectRightFile();
    expect(server.requests[1]!.headers).toMatchObject({ range: "bytes=100000-", "if-range": '"other"' });
  });

  test("without an entity tag goes on by the hash, and begins again when the pieces do not fit", async () => {
    const other = weights.map((byte) => byte ^ 1);
    server.behaviours.push((_, __, serve) => serve({ content: other, etag: "", cutAt: 100_000 }));
    for (let attempt = 0; attempt < 5; attempt += 1)
      server.behaviours.push((_, response) => void response.socket?.destroy());
    await expect(openStore().fetch(file)).rejects.toMatchObject({ code: "MODEL_UNAVAILABLE" });
    server.behaviours.length = 0;
    server.requests.length = 0;
    for (let attempt = 0; attempt < 2; attempt += 1)
      server.behaviours.push((_, __, serve) => serve({ etag: "" }));
    await openStore().fetch(file);
    await expectRightFile();
    expect(server.requests.map(({ headers }) => headers.range)).toEqual(["bytes=100000-", undefined]);
  });

  test("without entity tag and hash never puts pieces together", async () => {
    server.behaviours.push((_, __, serve) => serve({ etag: "", cutAt: 100_000 }));
    await openStore().fetch(without("sha256"));
    await expectRightFile();
    expect(server.requests.map(({ headers }) => headers.range)).toEqual([undefined, undefined]);
  });

  test("does without ranges where the server has none", async () => {
    server.behaviours.push(
      (_, __, serve) => serve({ cutAt: 100_000 }),
      (_, __, serve) => serve({ ignoreRange: true }),
    );
    await openStore().fetch(file);
    await expectRightFile();
  });

  test("that was whole when the process died only needs checking", async () => {
    await mkdir(join(folder, "drawn@1"));
    await writeFile(`${path}.partial`, weights);
    await writeFile(`${path}.partial.json`, JSON.stringify({ address: file.url, etag: '"one"' }));
    await openStore().fetch(file);
    await expectRightFile();
    expect(server.requests).toEqual([]);
  });

  test("of unknown length ends with the answer", async () => {
    server.behaviours.push((_, __, serve) => serve({ chunked: true }));
    await openStore().fetch({ ...file, bytes: undefined });
    await expectRightFile();
  });
});

describe("a server that fails", () => {
  test.each([500, 502, 503, 429, 408])("with %d is asked again", async (status) => {
    server.behaviours.push((_, response) => void response.writeHead(status, { "retry-after": "1" }).end());
    await openStore().fetch(file);
    await expectRightFile();
    expect(server.requests).toHaveLength(2);
  });

  test("always is given up, with what it said last", async () => {
    for (let attempt = 0; attempt < 9; attempt += 1)
      server.behaviours.push((_, response) => void response.writeHead(500).end());
    await expect(openStore().fetch(file)).rejects.toMatchObject({
      code: "MODEL_UNAVAILABLE",
      message: expect.stringContaining("answers 500"),
    });
    expect(server.requests).toHaveLength(5);
  });

  test("for long is not waited for", async () => {
    server.behaviours.push((_, response) => void response.writeHead(503, { "retry-after": "86400" }).end());
    await expect(openStore().fetch(file)).rejects.toMatchObject({ code: "MODEL_UNAVAILABLE" });
    expect(server.requests).toHaveLength(1);
  });

  test.each([
    [404, "MODEL_NOT_FOUND"],
    [410, "MODEL_NOT_FOUND"],
    [401, "MODEL_UNAVAILABLE"],
    [403, "MODEL_UNAVAILABLE"],
    [400, "MODEL_UNAVAILABLE"],
  ])("with %d is not asked again", async (status, code) => {
    server.behaviours.push((_, response) => void response.writeHead(status).end());
    await expect(openStore().fetch(file)).rejects.toMatchObject({ code });
    expect(server.requests).toHaveLength(1);
    expect(await namesThere()).not.toContain("encoder.onnx");
  });

  test("to exist is no endless wait", async () => {
    const gone = server.address;
    await server.close();
    await expect(openStore().fetch({ ...file, url: `${gone}encoder.onnx` })).rejects.toMatchObject({
      code: "MODEL_UNAVAILABLE",
      message: expect.stringContaining("refuses connections"),
    });
  });
});

describe("wrong content", () => {
  const corrupt = { code: "MODEL_CORRUPT" };

  test("of the right length is refused and leaves nothing", async () => {
    server.behaviours.push((_, __, serve) => serve({ content: weights.map((byte) => byte ^ 1) }));
    await expect(openStore().fetch(file)).rejects.toMatchObject({
      ...corrupt,
      message: expect.stringContaining(file.sha256!),
    });
    expect(await namesThere()).toEqual([]);
    await openStore().fetch(file);
    await expectRightFile();
  });

  test.each(["shorter", "longer"])("%s than stated is refused before it is received", async (which) => {
    const content = which === "shorter" ? weights.subarray(1) : Buffer.concat([weights, weights]);
    server.behaviours.push((_, __, serve) => serve({ content }));
    await expect(openStore().fetch(file)).rejects.toMatchObject(corrupt);
    expect(await namesThere()).toEqual([]);
    expect(server.requests).toHaveLength(1);
  });

  test.each(["shorter", "longer"])("%s than stated, without saying so, is refused too", async (which) => {
    const content = which === "shorter" ? weights.subarray(1) : Buffer.concat([weights, weights]);
    for (let attempt = 0; attempt < 9; attempt += 1)
      server.behaviours.push((_, __, serve) => serve({ content, chunked: true, ignoreRange: true }));
    await expect(openStore().fetch(file)).rejects.toMatchObject({
      code: which === "longer" ? "MODEL_CORRUPT" : "MODEL_UNAVAILABLE",
    });
    expect(await namesThere()).not.toContain("encoder.onnx");
  });

  test("on the disk is replaced; without a network it is an error", async () => {
    await openStore().fetch(file);
    await writeFile(
      path,
      weights.map((byte) => byte ^ 1),
    );
    await expect(openStore({ offline: true }).fetch(file)).rejects.toMatchObject(corrupt);
    await openStore().fetch(file);
    await expectRightFile();
    await writeFile(path, weights.subarray(1));
    await openStore().fetch(file);
    await expectRightFile();
  });

  test("is noticed though size and time are those of the right file", async () => {
    await openStore().fetch(file);
    const { mtime } = await stat(path);
    await writeFile(
      path,
      weights.map((byte) => byte ^ 1),
    );
    await utimes(path, mtime, mtime);
    await expect(openStore({ offline: true }).fetch(file)).rejects.toMatchObject(corrupt);
  });
});

describe("a file without a known hash", () => {
  test("is held to that of its first download", async () => {
    const unknown = without("sha256");
    await openStore().fetch(unknown);
    await writeFile(
      path,
      weights.map((byte) => byte ^ 1),
    );
    await expect(openStore({ offline: true }).fetch(unknown)).rejects.toMatchObject({
      code: "MODEL_CORRUPT",
    });
    // The server has other bytes now: they are not those that were trusted.
    server.files.set(
      "origin/encoder.onnx",
      weights.map((byte) => byte ^ 2),
    );
    await expect(openStore().fetch(unknown)).rejects.toMatchObject({ code: "MODEL_CORRUPT" });
    server.files.set("origin/encoder.onnx", weights);
    await openStore().fetch(unknown);
    await expectRightFile();
  });

  test("that somebody put there by hand is taken, and held to from then on", async () => {
    const unknown = { name: "encoder.onnx" };
    await mkdir(join(folder, "drawn@1"));
    await writeFile(path, weights);
    await openStore({ offline: true }).fetch(unknown);
    await writeFile(
      path,
      weights.map((byte) => byte ^ 1),
    );
    await expect(openStore({ offline: true }).fetch(unknown)).rejects.toMatchObject({
      code: "MODEL_CORRUPT",
    });
  });
});

describe("where a file is looked for", () => {
  test("offline: nowhere but on the disk", async () => {
    for (const store of [openStore({ offline: true }), openStore({}, { MASKERY_OFFLINE: "1" })]) {
      await expect(store.fetch(file)).rejects.toMatchObject({
        code: "MODEL_UNAVAILABLE",
        message: expect.stringContaining("maskery models pull drawn"),
      });
    }
    expect(server.requests).toEqual([]);
    expect(await readdir(folder)).toEqual([]);
    await openStore().fetch(file);
    await openStore({ offline: true }).fetch(file);
  });

  test("in the model's own folder first", async () => {
    const own = join(folder, "own");
    await mkdir(own);
    await writeFile(join(own, "encoder.onnx"), weights);
    expect(await openStore({ folder: own }).fetch(file)).toEqual({
      kind: "path",
      path: join(own, "encoder.onnx"),
    });
    await writeFile(join(own, "encoder.onnx"), "broken");
    await expect(openStore({ folder: own }).fetch(file)).rejects.toMatchObject({ code: "MODEL_CORRUPT" });
    await rm(join(own, "encoder.onnx"));
    await openStore({ folder: own }).fetch(file);
    await expectRightFile();
    expect(await readdir(own)).toEqual([]);
  });

  test("on the mirror before the origin", async () => {
    server.files.set("mirror/drawn@1/encoder.onnx", weights);
    const mirror = `${server.address}mirror`;
    await openStore({ mirror }).fetch(file);
    await expectRightFile();
    await rm(folder, { recursive: true });
    await openStore({}, { MASKERY_MODEL_MIRROR: `${mirror}/` }).fetch(without("url"));
    expect(server.requests.map((request) => request.path)).toEqual([
      "/mirror/drawn@1/encoder.onnx",
      "/mirror/drawn@1/encoder.onnx",
    ]);
  });

  test("at the origin when the mirror lacks it, fails, or has something else", async () => {
    const mirror = `${server.address}mirror`;
    await openStore({ mirror }).fetch(file);
    await expectRightFile();
    await rm(folder, { recursive: true });
    for (let attempt = 0; attempt < 5; attempt += 1)
      server.behaviours.push((_, response) => void response.writeHead(500).end());
    await openStore({ mirror }).fetch(file);
    await expectRightFile();
    await rm(folder, { recursive: true });
    server.behaviours.push((_, __, serve) => serve({ content: weights.map((byte) => byte ^ 1) }));
    await openStore({ mirror }).fetch(file);
    await expectRightFile();
  });

  test("nowhere: the error says what each place answered", async () => {
    server.files.clear();
    await expect(openStore({ mirror: `${server.address}mirror` }).fetch(file)).rejects.toMatchObject({
      code: "MODEL_NOT_FOUND",
      message: expect.stringMatching(/404.*; .*404/),
    });
    await expect(openStore().fetch({ name: "encoder.onnx" })).rejects.toMatchObject({
      code: "MODEL_NOT_FOUND",
    });
  });

  test("never outside the model's folder", async () => {
    await expect(openStore().fetch({ ...file, name: "../outside.onnx" })).rejects.toMatchObject({
      code: "INVALID_INPUT",
    });
  });
});

describe("redirects and proxies", () => {
  test("are followed, the byte range with them", async () => {
    server.behaviours.push(
      (_, response) => void response.writeHead(302, { location: "/origin/encoder.onnx" }).end("moved"),
      (_, __, serve) => serve({ cutAt: 100_000 }),
      (_, response) =>
        void response.writeHead(307, { location: `${server.address}origin/encoder.onnx` }).end(),
    );
    await openStore().fetch({ ...file, url: `${server.address}short` });
    await expectRightFile();
    expect(server.requests.map(({ path: asked, headers }) => [asked, headers.range])).toEqual([
      ["/short", undefined],
      ["/origin/encoder.onnx", undefined],
      ["/short", "bytes=100000-"],
      ["/origin/encoder.onnx", "bytes=100000-"],
    ]);
  });

  test("in circles or to nowhere are refused", async () => {
    for (let attempt = 0; attempt < 20; attempt += 1)
      server.behaviours.push((_, response) => void response.writeHead(302, { location: "/again" }).end());
    await expect(openStore().fetch(file)).rejects.toMatchObject({
      code: "MODEL_UNAVAILABLE",
      message: expect.stringContaining("redirects"),
    });
    server.behaviours.length = 0;
    server.behaviours.push(
      (_, response) => void response.writeHead(302, { location: "file:///etc/passwd" }).end(),
    );
    await expect(openStore().fetch(file)).rejects.toMatchObject({ code: "MODEL_UNAVAILABLE" });
  });

  test("a proxy of the environment carries the request, unless the host is excepted", async () => {
    const target = new URL(server.address);
    const asked: string[] = [];
    const proxy = createServer((_, response) => void response.writeHead(500).end());
    const { connect } = await import("node:net");
    proxy.on("connect", (request, socket, head) => {
      asked.push(request.url ?? "");
      const onward = connect(Number(target.port), target.hostname, () => {
        socket.write("HTTP/1.1 200 OK\r\n\r\n");
        onward.write(head);
        onward.pipe(socket);
        socket.pipe(onward);
      });
      for (const end of [onward, socket]) end.on("error", () => undefined);
    });
    await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
    const http_proxy = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
    try {
      await openStore({}, { http_proxy, NO_PROXY: "127.0.0.1" }).fetch(file);
      expect(asked).toEqual([]);
      await rm(folder, { recursive: true });
      await openStore({}, { http_proxy }).fetch(file);
      expect(asked).toEqual([target.host]);
      await expectRightFile();
    } finally {
      proxy.closeAllConnections();
      proxy.close();
    }
  });
});

describe("stopping", () => {
  test("before it begins touches nothing", async () => {
    await expect(openStore().fetch(file, { signal: AbortSignal.abort() })).rejects.toMatchObject({
      code: "ABORTED",
    });
    expect(await readdir(folder)).toEqual([]);
  });

  test("in the middle keeps what there is, for the next time", async () => {
    const controller = new AbortController();
    server.behaviours.push((_, response) => {
      response.writeHead(200, { "content-length": String(weights.length), etag: '"one"' });
      response.write(weights.subarray(0, 120_000));
    });
    const onProgress = ({ receivedBytes }: { receivedBytes: number }) => {
      if (receivedBytes === 120_000) controller.abort();
    };
    await expect(openStore().fetch(file, { signal: controller.signal, onProgress })).rejects.toMatchObject({
      code: "ABORTED",
    });
    expect(await namesThere()).toEqual(["encoder.onnx.partial", "encoder.onnx.partial.json"]);
    server.requests.length = 0;
    await openStore().fetch(file);
    expect(server.requests[0]!.headers.range).toBe("bytes=120000-");
    await expectRightFile();
  });

  test("while waiting to try again, and a timeout", async () => {
    for (let attempt = 0; attempt < 9; attempt += 1)
      server.behaviours.push((_, response) => void response.writeHead(503, { "retry-after": "60" }).end());
    const store = createModelStore(model, { modelDirectory: folder }, { environment: {} });
    await expect(store.fetch(file, { signal: AbortSignal.timeout(100) })).rejects.toMatchObject({
      code: "TIMEOUT",
    });
    expect(await namesThere()).not.toContain("encoder.onnx.lock");
  });
});

describe("storage that fails", () => {
  test("is said to be the cause", async () => {
    await writeFile(join(folder, "drawn@1"), "a file where the folder should be");
    await expect(openStore().fetch(file)).rejects.toMatchObject({
      code: "STORAGE_FAILED",
      message: expect.stringContaining("MASKERY_MODEL_DIR"),
    });
    expect(server.requests).toEqual([]);
  });
});

test.each([
  [{ modelDirectory: "" }, {}, "modelDirectory"],
  [{ mirror: "models" }, {}, "mirror"],
  [{ mirror: "file:///models" }, {}, "mirror"],
  [{}, { MASKERY_MODEL_MIRROR: "ftp://models" }, "MASKERY_MODEL_MIRROR"],
  [{}, { MASKERY_OFFLINE: "perhaps" }, "MASKERY_OFFLINE"],
])("names the option at fault: %j %j", (options, environment, field) => {
  expect(() => openStore(options, environment as Record<string, string>)).toThrow(
    expect.objectContaining({ code: "INVALID_INPUT", field }),
  );
});
