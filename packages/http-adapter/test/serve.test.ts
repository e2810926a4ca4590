import { once } from "node:events";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { createServer, type IncomingMessage, request } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { createSegmentationClient } from "@maskery/http-adapter/client";
import { readServeSettings } from "@maskery/http-adapter/serve";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { ServedCommands } from "./support/served-command.js";

const photo = new URL("../../../examples/photos/coffee.png", import.meta.url);

let folder = "";
let commands: ServedCommands;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "maskery-serve-test-"));
  commands = new ServedCommands({ TMPDIR: folder });
});
afterEach(() => commands.stopAll());
afterAll(() => rm(folder, { recursive: true, force: true }));

const start = (args: readonly string[], env: Record<string, string> = {}) => commands.start(args, env);

describe("maskery serve", () => {
  it("prints one line, answers, and ends with 0 on SIGTERM, leaving no file", async () => {
    const { url, line, child, ended } = await start(["--port", "0"]).listening;
    expect(line.trim().split("\n")).toHaveLength(1);
    const { painter } = createSegmentationClient({ baseUrl: url });
    await expect.poll(async () => (await painter.health()).status).toBe("healthy");
    const { session_id } = await painter.upload(await readFile(photo));
    const { masks } = await painter.segment({ session_id, points: [{ x: 300, y: 180 }] });
    expect(masks[0]!.area).toBeGreaterThan(1000);
    expect((await readdir(folder)).some((name) => name.startsWith("maskery-serve-"))).toBe(true);
    child.kill("SIGTERM");
    expect((await ended).code).toBe(0);
    expect((await readdir(folder)).filter((name) => name.startsWith("maskery-serve-"))).toEqual([]);
  });

  it("finishes a request that is under way before it ends", async () => {
    const { url, child, ended } = await start(["--port", "0"]).listening;
    const form = new FormData();
    form.set("file", new File([await readFile(photo)], "coffee.png"));
    const body = new Response(form);
    const upload = request(`${url}/upload`, {
      method: "POST",
      headers: { "content-type": body.headers.get("content-type")!, expect: "100-continue" },
    });
    const answered = new Promise<IncomingMessage>((resolve, reject) =>
      upload.on("response", resolve).on("error", reject),
    );
    upload.flushHeaders();
    // The server has the request; its picture is still to come.
    await once(upload, "continue");
    child.kill("SIGINT");
    upload.end(Buffer.from(await body.arrayBuffer()));
    const answer = await answered;
    expect(answer.statusCode).toBe(200);
    expect(JSON.parse(await text(answer))).toMatchObject({ width: 600 });
    expect((await ended).code).toBe(0);
  });

  it("keeps sessions and files over a restart with --data", async () => {
    const data = join(folder, "data");
    const uploads = join(folder, "own-uploads");
    const first = await start(["--port", "0", "--data", data], { UPLOAD_DIR: uploads }).listening;
    const before = createSegmentationClient({ baseUrl: first.url }).painter;
    const { session_id } = await before.upload(await readFile(photo));
    first.child.kill("SIGTERM");
    await first.ended;
    expect(await readdir(uploads)).toContain("painter");
    const second = await start(["--port", "0", "--data", data], { UPLOAD_DIR: uploads }).listening;
    const after = createSegmentationClient({ baseUrl: second.url }).painter;
    expect((await after.session(session_id)).width).toBe(600);
    expect((await after.segment({ session_id, points: [{ x: 300, y: 180 }] })).total_masks).toBeGreaterThan(
      0,
    );
  });

  it("starts without a model and says so", async () => {
    const { url } = await start(["--port", "0", "--model", "no-such-model"]).listening;
    const { painter, clinical } = createSegmentationClient({ baseUrl: url });
    expect((await painter.health()).status).toBe("degraded");
    expect((await clinical.health()).mode).toBe("manual-only");
    expect((await painter.upload(await readFile(photo))).width).toBe(600);
  });

  it("refuses files above MAX_FILE_SIZE", async () => {
    const { url } = await start(["--port", "0"], { MAX_FILE_SIZE: "1000" }).listening;
    const upload = createSegmentationClient({ baseUrl: url }).painter.upload(await readFile(photo));
    await expect(upload).rejects.toMatchObject({ code: "IMAGE_TOO_LARGE" });
  });

  it("ends with 2 and one line for a port that is taken or an option that is wrong", async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve));
    const { port } = other.address() as AddressInfo;
    const taken = await start(["--port", String(port)]).ended;
    other.close();
    expect(taken).toMatchObject({ code: 2 });
    expect(taken.log).toContain("--port: expected a port that is free");
    expect(await start(["--port", "eighty"]).ended).toMatchObject({
      code: 2,
      log: expect.stringContaining("--port"),
    });
    expect(await start(["--describer", "gemini"]).ended).toMatchObject({
      code: 2,
      log: expect.stringContaining("GEMINI_API_KEY"),
    });
  });
});

describe("settings", () => {
  it("have the documented defaults", () => {
    expect(readServeSettings({}, {})).toEqual({
      port: 8000,
      host: "127.0.0.1",
      dataDirectory: undefined,
      uploadDirectory: undefined,
      masksDirectory: undefined,
      resultsDirectory: undefined,
      maxFileBytes: 52_428_800,
      cors: { origins: "*" },
      publicUrl: undefined,
      describer: "local",
      remoteEncoderUrl: undefined,
      remoteEncoderToken: undefined,
      placement: false,
    });
  });

  it("read sizes, origins and the key", () => {
    expect(readServeSettings({ maxFileSize: "20M" }, { MAX_FILE_SIZE: "5" }).maxFileBytes).toBe(
      20 * 1024 ** 2,
    );
    expect(readServeSettings({ cors: "https://a.example, https://b.example" }, {}).cors).toEqual({
      origins: ["https://a.example", "https://b.example"],
      credentials: true,
    });
    expect(readServeSettings({ cors: "off" }, {}).cors).toBe(false);
    expect(readServeSettings({}, { GEMINI_API_KEY: "key" }).describer).toBe("gemini");
    expect(readServeSettings({ describer: "local" }, { GEMINI_API_KEY: "key" }).describer).toBe("local");
  });

  it("take the remote encoder from the option before the variable, and the token from the environment", () => {
    const environment = { MODAL_BASE_URL: "https://modal.example/placement/", MASKERY_REMOTE_TOKEN: "t0ken" };
    expect(readServeSettings({}, environment)).toMatchObject({
      remoteEncoderUrl: "https://modal.example/placement",
      remoteEncoderToken: "t0ken",
    });
    const given = { remoteEncoder: "http://gpu.example:8000/placement" };
    expect(readServeSettings(given, environment).remoteEncoderUrl).toBe(given.remoteEncoder);
    expect(readServeSettings({ placement: true }, {})).toMatchObject({ placement: true });
  });

  it("name what is wrong", () => {
    const wrong =
      (given: object, environment = {}) =>
      () =>
        readServeSettings(given, environment);
    expect(wrong({ port: "70000" })).toThrow("--port");
    expect(wrong({ maxFileSize: "much" })).toThrow("--max-file-size");
    expect(wrong({}, { MAX_FILE_SIZE: "-1" })).toThrow("MAX_FILE_SIZE");
    expect(wrong({ cors: "app.example.com" })).toThrow("--cors");
    expect(wrong({ publicUrl: "example.com" })).toThrow("--public-url");
    expect(wrong({}, { MODAL_BASE_URL: "gpu" })).toThrow("MODAL_BASE_URL");
    expect(wrong({ remoteEncoder: "ftp://gpu" }, { MODAL_BASE_URL: "http://gpu" })).toThrow(
      "--remote-encoder",
    );
    const secret = wrong({ remoteEncoder: "https://user:hunter2@gpu.example" });
    expect(secret).toThrow("--remote-encoder: expected an address without user and password");
    expect(secret).not.toThrow("hunter2");
    expect(wrong({ placement: true }, { MODAL_BASE_URL: "http://gpu" })).toThrow(
      "--placement: expected a server that encodes itself, without MODAL_BASE_URL",
    );
  });
});
