import {
  EMBEDDING_MEDIA_TYPE,
  MaskeryError,
  PIXELS_MEDIA_TYPE,
  PLANES_MEDIA_TYPE,
  type PlacementRoutes,
  PROMPTS_MEDIA_TYPE,
  placementRoutes,
  type Segmenter,
  throwIfAborted,
} from "@maskery/core";
import { checkAnnouncedBody } from "../../guards/read-bounded-body.js";
import { WorkSlots, type WorkSlotsOptions } from "../../guards/work-slots.js";
import { problems } from "../../http/problem.js";
import { defineRoute, type RouteContext } from "../../http/route.js";
import type { ApiLimits, Services } from "../../service/services.js";
import type { ApiModule } from "../api-module.js";
import {
  answerHeaders,
  embeddingHeaders,
  placementHealthExample,
  placementHealthSchema,
  questionHeaders,
} from "./placement-schemas.js";

export interface PlacementOptions {
  /**
   * Bound on the body of one request, which is in memory while it is worked on. Default: four bytes for each of `limits.maxPixels`,
   * as a picture without packing has, and 32 MiB.
   */
  readonly maxBodyBytes?: number;
  /**
   * Requests that may be in memory at once, and how many more may wait; the model itself is shared with the other APIs, as
   * `concurrency` of the whole says. Default 4 and 32.
   */
  readonly concurrency?: WorkSlotsOptions;
  /** Bytes of embeddings that are kept for remote decoders' later prompts. 0 keeps none. Default 512 MiB. */
  readonly embeddingCacheBytes?: number;
}

const BYTES_A_PIXEL = 4;
/** For what comes with pixels, and for an embedding that comes with prompts. */
const MESSAGE_BYTES = 32 * 1024 * 1024;
const defaultConcurrency: WorkSlotsOptions = { maxRunning: 4, maxWaiting: 32 };
const tag = "placement";
const timeoutsMs = { health: 10_000, encode: 60_000, decode: 60_000 };

/** The model's two halves, for other machines: docs/remote.md. */
export function placementApi(options: PlacementOptions = {}): ApiModule {
  const requests = new WorkSlots(options.concurrency ?? defaultConcurrency);
  const servedBy = new WeakMap<Segmenter, PlacementRoutes>();
  const maxBytesOf = ({ maxPixels }: ApiLimits) =>
    options.maxBodyBytes ?? BYTES_A_PIXEL * maxPixels + MESSAGE_BYTES;

  const routesOf = (segmenter: Segmenter, { limits, slots }: Services): PlacementRoutes => {
    const known = servedBy.get(segmenter);
    if (known) return known;
    const { embeddingCacheBytes } = options;
    const made = placementRoutes(segmenter.placement, segmenter.platform, {
      limits: { maxBytes: maxBytesOf(limits), maxPixels: limits.maxPixels },
      limitWork: (work, call) => slots.run(work, call),
      ...(embeddingCacheBytes !== undefined && { embeddingCacheBytes }),
    });
    servedBy.set(segmenter, made);
    return made;
  };

  /** Refuses by header before it waits, and waits before it reads: those in line hold no memory. */
  const answer = async (
    { request, services, signal }: Pick<RouteContext, "request" | "services" | "signal">,
    ask: (routes: PlacementRoutes) => Promise<Response>,
  ): Promise<Response> => {
    checkAnnouncedBody(request, maxBytesOf(services.limits));
    return requests.run(
      async () => {
        const routes = routesOf(await services.model.get({ signal }), services);
        try {
          return await ask(routes);
        } catch (error) {
          // Whatever a model throws when it is stopped, the reason is why it was.
          throwIfAborted(signal);
          throw error;
        }
      },
      { signal },
    );
  };

  const health = defineRoute(
    {
      method: "GET",
      path: "/placement/health",
      operationId: "placementHealth",
      summary: "Which model is served to other machines",
      tag,
      timeoutMs: timeoutsMs.health,
      responses: {
        200: {
          description: "The model and its halves.",
          schema: placementHealthSchema,
          example: placementHealthExample,
          headers: answerHeaders,
        },
        ...problems(503, 504),
      },
    },
    async ({ services, signal }) => {
      // One who asks while the model is being loaded is told so, and comes again.
      const model = await services.model.status({ signal });
      if (!model.available)
        throw new MaskeryError("MODEL_UNAVAILABLE", `The model is not available: ${model.reason}.`);
      return routesOf(await services.model.get({ signal }), services).health();
    },
  );

  const encode = defineRoute(
    {
      method: "POST",
      path: "/placement/encode",
      operationId: "placementEncode",
      summary: "Encode a picture for another machine",
      tag,
      timeoutMs: timeoutsMs.encode,
      headers: questionHeaders,
      body: { kind: "binary", contentTypes: ["image/png", "image/*", PIXELS_MEDIA_TYPE] },
      responses: {
        200: {
          description: "The embedding.",
          contentTypes: [EMBEDDING_MEDIA_TYPE],
          headers: embeddingHeaders,
        },
        ...problems(400, 409, 413, 415, 500, 503, 504),
      },
    },
    (context) => answer(context, (routes) => routes.encode(context.request, context)),
  );

  const decode = defineRoute(
    {
      method: "POST",
      path: "/placement/decode",
      operationId: "placementDecode",
      summary: "Decode prompts for another machine",
      tag,
      timeoutMs: timeoutsMs.decode,
      headers: questionHeaders,
      body: { kind: "binary", contentTypes: [PROMPTS_MEDIA_TYPE] },
      responses: {
        200: {
          description: "For each prompt its planes of logits, and their scores.",
          contentTypes: [PLANES_MEDIA_TYPE],
          headers: answerHeaders,
        },
        ...problems(400, 409, 413, 415, 500, 503, 504),
        404: {
          ...problems(404)[404]!,
          description: "The embedding is not kept here: send it with the prompts.",
        },
      },
    },
    (context) => answer(context, (routes) => routes.decode(context.request, context)),
  );

  return { name: "placement", title: "Model halves for other machines", routes: [health, encode, decode] };
}
