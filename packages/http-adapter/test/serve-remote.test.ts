import { cp, mkdtemp, readFile, rm } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { createSegmentationClient } from "@maskery/http-adapter/client";
import { createSegmenter } from "@maskery/node";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { type Gateway, startGateway } from "./support/gateway.js";
import { iou, photo, readMask } from "./support/pictures.js";
import { type ServedCommand, ServedCommands } from "./support/served-command.js";

const photos = ["coffee.png", "chelsea.png", "astronaut.png"] as const;
const photoPath = (name: string) =>
  fileURLToPath(new URL(`../../../examples/photos/${name}`, import.meta.url));
const click = { x: 225, y: 120 };
/** Longer than the pause after which a server asks its remote encoder again, on a busy machine. */
const patience = { timeout: 120_000, interval: 250 };

vi.setConfig({ testTimeout: 300_000 });

let folder = "";
let commands: ServedCommands;
/** The address of the machine with the GPU, whichever process runs there. */
let gpuAddress: Gateway;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "maskery-serve-remote-"));
  commands = new ServedCommands({ TMPDIR: folder });
});
beforeEach(async () => {
  gpuAddress = await startGateway();
});
afterEach(async () => {
  await commands.stopAll();
  await gpuAddress.close();
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const serve = (args: readonly string[], env: Record<string, string> = {}) =>
  commands.start(["--device", "cpu", ...args], env).listening;

/** A server that encodes for others, and has its model. */
async function startGpu(): Promise<ServedCommand> {
  const gpu = await serve(["--port", "0", "--placement"]);
  await expect.poll(async () => (await fetch(`${gpu.url}/placement/health`)).status, patience).toBe(200);
  gpuAddress.lead(gpu.url);
  return gpu;
}

/** What a client of the documented APIs sees of a server. */
function clientOf({ url }: { readonly url: string }) {
  const { painter, clinical } = createSegmentationClient({ baseUrl: url });
  return {
    health: () => painter.health(),
    clinicalHealth: () => clinical.health(),
    upload: async (name: string) => (await painter.upload(await readFile(photoPath(name)))).session_id,
    async mask(picture: string | Uint8Array<ArrayBuffer>) {
      const bytes = typeof picture === "string" ? await readFile(photoPath(picture)) : picture;
      const { session_id } = await painter.upload(bytes);
      const { masks } = await painter.segment({ session_id, points: [click] });
      return readMask(masks[0]!.mask);
    },
  };
}

/** The same picture and click, all on this machine and without a server. */
async function localMasks() {
  const segmenter = await createSegmenter({ device: "cpu" });
  const masks = new Map<string, { contains(x: number, y: number): boolean; readonly area: number }>();
  for (const name of photos) masks.set(name, (await segmenter.segment(photoPath(name), [click])).best);
  await segmenter.dispose();
  return masks;
}

describe("two machines: one serves its model, the other segments with it", () => {
  it("with MODAL_BASE_URL: equal masks; gone, stands in itself; back, encodes there again", async () => {
    const expected = await localMasks();
    const gpu = await startGpu();
    expect(gpu.line).toContain(`encodes for others at ${gpu.url}/placement`);
    const desk = await serve(["--port", "0"], { MODAL_BASE_URL: `${gpuAddress.url}/placement` });
    expect(desk.line).toContain(`pictures are encoded at ${new URL(gpuAddress.url).host}`);
    const client = clientOf(desk);

    for (const name of photos) {
      const mask = await client.mask(name);
      const local = expected.get(name)!;
      expect(local.area).toBeGreaterThan(500);
      expect(
        iou(mask, (x, y) => local.contains(x, y)),
        name,
      ).toBe(1);
    }
    await expect.poll(client.health, patience).toMatchObject({
      status: "healthy",
      modal_status: { status: "healthy", model: "nano", encoder: "remote" },
    });
    expect(desk.log()).toContain("Pictures are encoded by the remote encoder.");

    gpuAddress.lead(undefined);
    gpu.child.kill("SIGKILL");
    await gpu.ended;
    await expect.poll(client.health, patience).toMatchObject({
      status: "degraded",
      modal_status: { status: "unhealthy", reason: "UPSTREAM_FAILED", encoder: "local" },
    });
    // A picture that is not in the cache: another click alone would need no encoder.
    const alone = await client.mask("coins.png");
    expect(alone.area).toBeGreaterThan(0);
    expect(desk.log()).toContain("The remote encoder failed: pictures are encoded here.");
    expect(await client.clinicalHealth()).toMatchObject({ mode: "automatic", device: "cpu" });

    await startGpu();
    // Pictures are encoded there again some time after it is back. Each try is a picture that is in no cache.
    let width = 300;
    await expect
      .poll(async () => {
        await client.mask(new Uint8Array(await photo(width++, 200, "png")));
        return (await client.health()).modal_status;
      }, patience)
      .toMatchObject({ status: "healthy", encoder: "remote" });
  });

  it("sends the token of MASKERY_REMOTE_TOKEN, and encodes here where it is not enough", async () => {
    const tokens: (string | undefined)[] = [];
    const door = createServer((request, response) => {
      tokens.push(request.headers.authorization);
      response.writeHead(401).end();
    });
    await new Promise<void>((resolve) => door.listen(0, "127.0.0.1", resolve));
    gpuAddress.lead(`http://127.0.0.1:${(door.address() as AddressInfo).port}`);
    try {
      const desk = await serve(["--port", "0", "--remote-encoder", `${gpuAddress.url}/placement`], {
        MASKERY_REMOTE_TOKEN: "t0ken",
      });
      const client = clientOf(desk);
      expect((await client.mask("coffee.png")).area).toBeGreaterThan(0);
      await expect.poll(client.health, patience).toMatchObject({
        status: "degraded",
        modal_status: { status: "unhealthy", reason: "UNAUTHORIZED", encoder: "local" },
      });
      expect(new Set(tokens)).toEqual(new Set(["Bearer t0ken"]));
      expect(desk.line + desk.log()).not.toContain("t0ken");
    } finally {
      await commands.stopAll();
      door.closeAllConnections();
      await new Promise((resolve) => door.close(resolve));
    }
  });

  it("with --remote-encoder, which wins over the variable: manual-only where neither machine can encode", async () => {
    const gpu = await startGpu();
    // A machine that has only the small half of the model.
    const half = join(folder, "half");
    await cp(fileURLToPath(new URL("../../model-nano", import.meta.url)), half, {
      recursive: true,
      filter: (source) => !source.endsWith("train") && !source.endsWith("encoder.onnx"),
    });
    const desk = await serve(
      ["--port", "0", "--model", half, "--remote-encoder", `${gpuAddress.url}/placement`],
      {
        MODAL_BASE_URL: "http://127.0.0.1:9/placement",
      },
    );
    const client = clientOf(desk);
    expect((await client.mask("coffee.png")).area).toBeGreaterThan(0);
    await expect.poll(client.clinicalHealth, patience).toMatchObject({ mode: "automatic" });

    gpuAddress.lead(undefined);
    gpu.child.kill("SIGKILL");
    await gpu.ended;
    await expect(client.mask("chelsea.png")).rejects.toMatchObject({ code: "MODEL_UNAVAILABLE" });
    expect(await client.health()).toMatchObject({
      status: "degraded",
      modal_status: { status: "unhealthy", encoder: "none" },
    });
    expect(await client.clinicalHealth()).toMatchObject({ status: "degraded", mode: "manual-only" });
    // Everything else goes on.
    expect(await client.upload("astronaut.png")).toEqual(expect.any(String));

    await startGpu();
    await expect
      .poll(
        () =>
          client.mask("chelsea.png").then(
            ({ area }) => area > 0,
            () => false,
          ),
        patience,
      )
      .toBe(true);
    await expect.poll(client.clinicalHealth, patience).toMatchObject({ mode: "automatic" });
  });
});
