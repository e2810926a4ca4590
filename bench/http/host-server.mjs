// @ts-check
/**
 * One framework's server in a process of its own: `node host-server.mjs <mount>`. Files lie on disk, as `maskery serve` keeps
 * them. The parent asks over the channel between the two and is told the port, the processor time, and the memory.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createFileObjectStore, createSegmentationApi } from "@maskery/http-adapter";
import { createNodePlatform, createSegmenter } from "@maskery/node";
import { answerParent } from "./child.mjs";
import { hosts } from "./hosts.mjs";
import { watchMemory } from "./watch-memory.mjs";

const start = hosts[process.argv[2] ?? "node"];
if (!start) throw new Error(`no such mount: ${process.argv[2]}`);
const directory = await mkdtemp(join(tmpdir(), "maskery-bench-"));
const store = (/** @type {string} */ name) => createFileObjectStore({ directory: join(directory, name) });
const segmenter = await createSegmenter();
const api = createSegmentationApi({
  segmenter,
  platform: createNodePlatform(),
  stores: { uploads: store("uploads"), masks: store("masks"), results: store("results") },
});
let bareBytes = "";
const host = await start(api, () => bareBytes);
/** @type {ReturnType<typeof watchMemory> | undefined} */ let watch;
let clickHere = async () => {};

answerParent({
  origin: () => host.origin,
  answerBareWith: (bytes) => {
    bareBytes = bytes;
  },
  cpuMicroseconds: () => {
    const { user, system } = process.cpuUsage();
    return user + system;
  },
  watchMemory: () => {
    watch = watchMemory();
  },
  memory: () => watch?.stop(),
  openForClicks: async ({ picture, point }) => {
    const session = await segmenter.open(Buffer.from(picture, "base64"));
    clickHere = async () => {
      const { best } = await session.segment([point]);
      await best.toPng({ bitDepth: 1 });
    };
  },
  /** Milliseconds of a click in this process. */
  click: async () => {
    const startedAt = performance.now();
    await clickHere();
    return performance.now() - startedAt;
  },
  close: async () => {
    await host.close();
    await api.close();
    await segmenter.dispose();
    await rm(directory, { recursive: true, force: true });
  },
});
