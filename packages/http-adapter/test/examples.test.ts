import { spawn } from "node:child_process";
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { createSegmentationClient } from "@maskery/http-adapter/client";
import { afterEach, describe, expect, it } from "vitest";

const examples = new URL("../../../examples/", import.meta.url);
const photo = new URL("photos/coffee.png", examples);
const stops: (() => Promise<number | null>)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
});

/** Starts an example as a reader would; resolves when it listens. */
function start(file: string): Promise<{ readonly url: string; readonly stop: () => Promise<number | null> }> {
  const child = spawn(process.execPath, [fileURLToPath(new URL(file, examples))], {
    env: { ...process.env, PORT: "0" },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const ended = new Promise<number | null>((resolve) => child.on("close", resolve));
  const stop = () => {
    child.kill("SIGTERM");
    return ended;
  };
  stops.push(stop);
  return new Promise((resolve, reject) => {
    let log = "";
    child.stderr.on("data", (text) => {
      log += text;
    });
    child.stdout.on("data", (text) => {
      const url = /http:\/\/\S+/.exec(String(text))?.[0];
      if (url !== undefined) resolve({ url, stop });
    });
    void ended.then((code) => reject(new Error(`ended with ${code}: ${log}`)));
  });
}

async function segments(baseUrl: string, headers: Record<string, string> = {}): Promise<void> {
  const { painter } = createSegmentationClient({ baseUrl, headers });
  const { session_id } = await painter.upload(await readFile(photo));
  const { masks } = await painter.segment({ session_id, points: [{ x: 300, y: 180 }] });
  expect(masks[0]!.area).toBeGreaterThan(1000);
}

const post = (url: string, body: unknown) =>
  fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });

describe("examples", () => {
  it("express: segmentation behind the application's own login", async () => {
    const { url, stop } = await start("express/server.mjs");
    expect((await fetch(`${url}/vision/health`)).status).toBe(401);
    expect((await post(`${url}/login`, { password: "wrong" })).status).toBe(401);
    const login = await post(`${url}/login`, { password: "masks" });
    const cookie = login.headers.get("set-cookie")!.split(";")[0]!;
    await segments(`${url}/vision`, { cookie });
    expect(await (await fetch(`${url}/orders/7`, { headers: { cookie } })).json()).toEqual({ order: "7" });
    expect((await fetch(`${url}/nowhere`)).status).toBe(404);
    expect(await stop()).toBe(0);
  });

  it("fastify: a plugin beside the application's own routes", async () => {
    const { url, stop } = await start("fastify/server.mjs");
    await segments(`${url}/vision`);
    expect(await (await post(`${url}/echo`, { still: "parsed" })).json()).toEqual({
      received: { still: "parsed" },
    });
    expect(await stop()).toBe(0);
  });

  it("next: the route handler answers as Next calls it", async () => {
    // Without Next, whose App Router calls the exported functions with a Request; next-example.test.ts runs the whole of it.
    const handler = (await import(new URL("next/app/vision/[[...path]]/route.js", examples).href)) as Record<
      "GET" | "POST",
      (request: Request) => Promise<Response>
    >;
    const form = new FormData();
    form.set("file", new Blob([await readFile(photo)]), "cup.png");
    const uploaded = await handler.POST(
      new Request("http://localhost:3000/vision/upload", { method: "POST", body: form }),
    );
    expect(uploaded.status, await uploaded.clone().text()).toBe(200);
    const { session_id } = (await uploaded.json()) as { session_id: string };
    const session = await handler.GET(new Request(`http://localhost:3000/vision/session/${session_id}`));
    expect(session.status).toBe(200);
  });
});
