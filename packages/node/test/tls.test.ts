import { createHash } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer as createPlainServer, type IncomingMessage, type RequestListener } from "node:http";
import { createServer as createTlsServer } from "node:https";
import { type AddressInfo, connect, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  createFolderModelStore,
  createNodePlatform,
  createOnnxRuntime,
  findModel,
  type ModelPlacement,
  placeModelLocally,
  placementHandler,
  Segmenter,
} from "@maskery/node";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type BundledSources, bundleSources, runScript } from "../src/test-support/child-process.js";
import {
  type SelfSignedCertificate,
  selfSignedCertificate,
} from "../src/test-support/self-signed-certificate.js";
import { photo } from "./cli-process.js";

/** What a server was asked, and with what credentials. */
interface Asked {
  readonly path: string;
  readonly authorization: string | undefined;
}

const platform = createNodePlatform();
const runtime = createOnnxRuntime();
const click = [{ x: 225, y: 120 }];
const redirects = [301, 302, 303, 307, 308];

let sources: BundledSources;
let folder: string;
let trusted: SelfSignedCertificate;
let local: ModelPlacement;
beforeAll(async () => {
  sources = await bundleSources(`
    export { createSegmenter } from "./create-segmenter.js";
    export { createModelStore } from "./models/model-store.js";
    export { remoteEncoder } from "@maskery/core";
    export { createNodePlatform } from "./platform.js";
  `);
  folder = await mkdtemp(join(tmpdir(), "maskery-tls-"));
  trusted = selfSignedCertificate(["127.0.0.1", "localhost", "huggingface.co", "cdn.example"]);
  await writeFile(join(folder, "trusted.pem"), trusted.cert);
  const found = await findModel("nano");
  local = await placeModelLocally(found.spec, createFolderModelStore(found.folder), runtime, {
    device: "cpu",
  });
}, 60_000);
afterAll(async () => {
  await runtime.dispose();
  await sources.dispose();
  await rm(folder, { recursive: true, force: true });
});

const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

async function listen(server: Server & { closeAllConnections(): void }): Promise<number> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  closers.push(() => {
    const closed = new Promise((resolve) => server.close(resolve));
    server.closeAllConnections();
    return closed;
  });
  return (server.address() as AddressInfo).port;
}

/** A server that notes what it is asked. */
async function startServer(answer: RequestListener, certificate?: SelfSignedCertificate) {
  const asked: Asked[] = [];
  const noting: RequestListener = (request, response) => {
    asked.push({ path: request.url!, authorization: request.headers.authorization });
    void answer(request, response);
  };
  const server = certificate ? createTlsServer(certificate, noting) : createPlainServer(noting);
  const port = await listen(server);
  return { asked, port, url: `${certificate ? "https" : "http"}://127.0.0.1:${port}` };
}

/** Runs in a process that trusts the certificate besides the well-known ones, and gives back what it printed as JSON. */
async function inProcess(
  program: string,
  env: Readonly<Record<string, string>> = { NODE_EXTRA_CA_CERTS: join(folder, "trusted.pem") },
): Promise<unknown> {
  const { standardOutput, standardError, exitCode } = await runScript(
    `import * as maskery from ${JSON.stringify(sources.href)};
     const print = (value) => console.log(JSON.stringify(value));
     const failure = ({ code, message }) => ({ code, message });
     ${program}`,
    { env: { https_proxy: "", HTTPS_PROXY: "", http_proxy: "", HTTP_PROXY: "", ...env } },
  );
  expect(exitCode, standardError).toBe(0);
  return JSON.parse(standardOutput);
}

/** Answers as a placement does. */
function placement(): RequestListener {
  const handler = placementHandler(local, platform);
  return async (incoming, outgoing) => {
    const answer = await handler(await asRequest(incoming));
    outgoing.writeHead(answer.status, Object.fromEntries(answer.headers));
    outgoing.end(new Uint8Array(await answer.arrayBuffer()));
  };
}

async function asRequest(incoming: IncomingMessage): Promise<Request> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  return new Request(`https://placement${incoming.url}`, {
    method: incoming.method!,
    headers: incoming.headers as Record<string, string>,
    ...(incoming.method === "POST" && { body: new Uint8Array(Buffer.concat(chunks)) }),
  });
}

const redirectTo =
  (location: string, status = 307): RequestListener =>
  (request, response) => {
    request.resume();
    response.writeHead(status, { location }).end();
  };

describe("a remote encoder over https", () => {
  const options = (url: string) =>
    JSON.stringify({ url, headers: { authorization: "Bearer s3cret" }, retries: 0, timeoutMs: 60_000 });
  /** What became of a connection to each, in one process. */
  const connecting = async (...urls: readonly string[]) =>
    (await inProcess(`
      const platform = maskery.createNodePlatform();
      print(await Promise.all([${urls.map(options).join()}].map((options) =>
        maskery.remoteEncoder(options, platform).then(() => "connected", failure))));
    `)) as unknown[];

  test("encodes where its certificate is trusted, with the token, and cuts the local masks", async () => {
    const server = await startServer(placement(), trusted);
    const there = await inProcess(`
      const segmenter = await maskery.createSegmenter({
        device: "cpu",
        remote: { encoder: ${options(server.url)} },
      });
      const { best } = await segmenter.segment(${JSON.stringify(photo("chelsea.png"))}, ${JSON.stringify(click)});
      print(best.toCocoRle());
      await segmenter.dispose();
    `);
    const shared = { ...local.encoder, dispose: async () => undefined };
    const here = new Segmenter({ ...local, encoder: shared }, platform);
    const { best } = await here.segment(photo("chelsea.png"), click);
    expect(best.area).toBeGreaterThan(500);
    expect(there).toEqual(best.toCocoRle());
    expect(server.asked).toEqual([
      { path: "/health", authorization: "Bearer s3cret" },
      { path: "/encode", authorization: "Bearer s3cret" },
    ]);
  });

  test("does not speak to a server whose certificate is not trusted, or is another host's", async () => {
    const stranger = await startServer(placement(), selfSignedCertificate(["127.0.0.1"]));
    expect(await connecting(stranger.url)).toMatchObject([{ code: "UPSTREAM_FAILED" }]);
    expect(stranger.asked).toEqual([]);
    // The very certificate is trusted, but not for this address.
    const other = selfSignedCertificate(["other.example"]);
    await writeFile(join(folder, "other.pem"), other.cert);
    const misnamed = await startServer(placement(), other);
    const told = await inProcess(
      `const platform = maskery.createNodePlatform();
       print(await maskery.remoteEncoder(${options(misnamed.url)}, platform).then(() => "connected", failure));`,
      { NODE_EXTRA_CA_CERTS: join(folder, "other.pem") },
    );
    expect(told).toMatchObject({ code: "UPSTREAM_FAILED" });
    expect(misnamed.asked).toEqual([]);
  });

  test("follows no redirect: not to http, and not to another https host; nobody else sees picture or token", async () => {
    const plain = await startServer(placement());
    const other = await startServer(placement(), trusted);
    const elsewhere = [`${plain.url}/health`, `https://localhost:${other.port}/health`];
    const servers = await Promise.all(
      redirects.flatMap((status) =>
        elsewhere.map((location) => startServer(redirectTo(location, status), trusted)),
      ),
    );
    for (const outcome of await connecting(...servers.map(({ url }) => url)))
      expect(outcome).toMatchObject({
        code: "UPSTREAM_FAILED",
        message: expect.stringContaining("leads to another address"),
      });
    for (const { asked } of servers) expect(asked).toHaveLength(1);
    expect([...plain.asked, ...other.asked]).toEqual([]);
  });

  test("keeps the picture to itself where only the encoding is redirected", async () => {
    const plain = await startServer(placement());
    const honest = placement();
    const server = await startServer(
      (request, response) =>
        (request.url === "/encode" ? redirectTo(`${plain.url}/encode`) : honest)(request, response),
      trusted,
    );
    const told = await inProcess(`
      const platform = maskery.createNodePlatform();
      const encoder = await maskery.remoteEncoder(${options(server.url)}, platform);
      const picture = { width: 8, height: 8, data: new Uint8ClampedArray(256) };
      print(await encoder.encode(picture).then(() => "encoded", failure));
      await encoder.dispose();
    `);
    expect(told).toMatchObject({
      code: "UPSTREAM_FAILED",
      message: expect.stringContaining("leads to another address"),
    });
    expect(plain.asked).toEqual([]);
  });
});

describe("a model's download over https", () => {
  const weights = Uint8Array.from({ length: 100_000 }, (_, index) => (index * 7 + (index >> 8)) & 255);
  const sha256 = createHash("sha256").update(weights).digest("hex");
  const serveWeights: RequestListener = (_, response) =>
    void response.writeHead(200, { "content-length": weights.length }).end(weights);
  let directory: string;
  beforeEach(async () => {
    directory = await mkdtemp(join(folder, "models-"));
  });

  /** What became of each download, one after the other. */
  const fetching = async (urls: readonly string[], environment: Readonly<Record<string, string>> = {}) =>
    (await inProcess(`
      const store = maskery.createModelStore(
        { id: "drawn", version: "1" },
        { modelDirectory: ${JSON.stringify(directory)} },
        { environment: ${JSON.stringify(environment)}, pauseFactor: 0.001 },
      );
      const outcomes = [];
      for (const url of ${JSON.stringify(urls)}) {
        const file = { ...${JSON.stringify({ name: "encoder.onnx", bytes: weights.length, sha256 })}, url };
        outcomes.push(await store.fetch(file).then(({ path }) => path, failure));
      }
      print(outcomes);
    `)) as unknown[];

  test("follows redirects to another https host, and takes the file", async () => {
    const storage = await startServer(serveWeights, trusted);
    const server = await startServer(redirectTo(`https://localhost:${storage.port}/signed`, 302), trusted);
    const [path] = await fetching([`${server.url}/encoder.onnx`]);
    expect(Buffer.compare(await readFile(path as string), weights)).toBe(0);
    expect(storage.asked).toEqual([{ path: "/signed", authorization: undefined }]);
  });

  test("never follows one from https to http", async () => {
    const plain = await startServer(serveWeights);
    const servers = await Promise.all(
      redirects.map((status) => startServer(redirectTo(`${plain.url}/encoder.onnx`, status), trusted)),
    );
    for (const outcome of await fetching(servers.map(({ url }) => `${url}/encoder.onnx`)))
      expect(outcome).toMatchObject({
        code: "MODEL_UNAVAILABLE",
        message: expect.stringContaining("from https to http"),
      });
    for (const { asked } of servers) expect(asked.length).toBeGreaterThan(0);
    expect(plain.asked).toEqual([]);
  });

  test("refuses a certificate that is not trusted", async () => {
    const stranger = await startServer(serveWeights, selfSignedCertificate(["127.0.0.1"]));
    const [refused] = await fetching([`${stranger.url}/encoder.onnx`]);
    expect(refused).toMatchObject({ code: "MODEL_UNAVAILABLE" });
    expect(stranger.asked).toEqual([]);
  });

  test("shows the hub's token to the hub alone", async () => {
    const storage = await startServer(serveWeights, trusted);
    const hub = await startServer(redirectTo("https://cdn.example/signed", 302), trusted);
    const mirror = await startServer((_, response) => void response.writeHead(404).end(), trusted);
    const proxy = await startProxy({ "huggingface.co:443": hub.port, "cdn.example:443": storage.port });
    const [path] = await fetching(["https://huggingface.co/a/model/resolve/abc/encoder.onnx"], {
      HF_TOKEN: "hf_s3cret",
      HTTPS_PROXY: proxy.url,
      MASKERY_MODEL_MIRROR: `${mirror.url}/models`,
      NO_PROXY: "127.0.0.1",
    });
    expect(Buffer.compare(await readFile(path as string), weights)).toBe(0);
    expect(mirror.asked.map(({ authorization }) => authorization)).toEqual([undefined]);
    expect(hub.asked).toEqual([
      { path: "/a/model/resolve/abc/encoder.onnx", authorization: "Bearer hf_s3cret" },
    ]);
    expect(storage.asked).toEqual([{ path: "/signed", authorization: undefined }]);
    expect(proxy.heads.join()).not.toContain("s3cret");
  });
});

/** A proxy that leads the named hosts to ports of this machine. */
async function startProxy(ports: Readonly<Record<string, number>>) {
  const heads: string[] = [];
  const server = createPlainServer((_, response) => void response.writeHead(500).end());
  const sockets = new Set<Socket>();
  server.on("connect", (request, socket: Socket, head) => {
    heads.push(`${request.url} ${JSON.stringify(request.headers)}`);
    const onward = connect(ports[request.url!] ?? 0, "127.0.0.1", () => {
      socket.write("HTTP/1.1 200 OK\r\n\r\n");
      onward.write(head);
      onward.pipe(socket).pipe(onward);
    });
    for (const end of [onward, socket]) sockets.add(end.on("error", () => end.destroy()));
  });
  const port = await listen(server);
  closers.unshift(async () => {
    for (const socket of sockets) socket.destroy();
  });
  return { heads, url: `http://127.0.0.1:${port}` };
}
