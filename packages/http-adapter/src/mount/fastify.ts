import type { FastifyPluginAsync, FastifyReply, FastifyRequest } from "fastify";
import type { SegmentationApi } from "../create-segmentation-api.js";
import { nodeListener } from "./node-listener.js";

/** For `app.register(toFastify(api), { prefix: "/vision" })`. */
export function toFastify(api: SegmentationApi): FastifyPluginAsync {
  const listen = nodeListener(api);
  return async (host) => {
    // The API reads bodies itself, as streams. This holds inside the plugin only.
    host.removeAllContentTypeParsers();
    host.addContentTypeParser("*", (_request, _payload, done) => done(null));
    const answer = ({ raw }: FastifyRequest, reply: FastifyReply) => {
      reply.hijack();
      void listen(raw, reply.raw, host.prefix);
    };
    host.all("/", answer);
    host.all("/*", answer);
  };
}
