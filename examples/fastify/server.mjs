// @ts-check
/**
 * A Fastify application with a route of its own, and segmentation as a plugin.
 *
 *   node examples/fastify/server.mjs        then open http://localhost:3000/vision/docs
 */
import { createSegmentationApi } from "@maskery/http-adapter";
import { toFastify } from "@maskery/http-adapter/fastify";
import { createSegmenter } from "@maskery/node";
import Fastify from "fastify";

const app = Fastify();
const segmenter = await createSegmenter();
const api = createSegmentationApi({ segmenter });

app.post("/echo", (request) => ({ received: request.body }));
await app.register(toFastify(api), { prefix: "/vision" });
app.addHook("onClose", async () => {
  await api.close();
  await segmenter.dispose();
});

console.log(
  `listening on ${await app.listen({ port: Number(process.env["PORT"] ?? 3000), host: "127.0.0.1" })}`,
);
process.once("SIGINT", () => app.close()).once("SIGTERM", () => app.close());
