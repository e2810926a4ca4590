// @ts-check
/** A server with files on disk, in a process of its own, that says its memory on `GET /memory`. */
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createFileObjectStore, createSegmentationApi } from "@maskery/http-adapter";
import { toNode } from "@maskery/http-adapter/node";
import { createNodePlatform, createSegmenter } from "@maskery/node";

const directory = await mkdtemp(join(tmpdir(), "maskery-bench-"));
const store = (/** @type {string} */ name) => createFileObjectStore({ directory: join(directory, name) });
const segmenter = await createSegmenter();
const api = createSegmentationApi({
  segmenter,
  platform: createNodePlatform(),
  stores: { uploads: store("uploads"), masks: store("masks"), results: store("results") },
});
const listen = toNode(api);
const server = createServer((request, response) => {
  if (request.url !== "/memory") return listen(request, response);
  response.end(String(process.memoryUsage().rss));
});
server.listen(0, "127.0.0.1", () => {
  const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
  process.send?.(port);
});
process.on("disconnect", async () => {
  server.closeAllConnections();
  await api.close();
  await segmenter.dispose();
  await rm(directory, { recursive: true, force: true });
  process.exit(0);
});
