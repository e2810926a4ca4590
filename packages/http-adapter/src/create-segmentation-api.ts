import { setMaxListeners } from "node:events";
import type { Platform } from "@maskery/core";
import { type ChosenApis, chooseApis } from "./apis/choose-apis.js";
import { Cors, type CorsOptions } from "./guards/cors.js";
import { WorkSlots, type WorkSlotsOptions } from "./guards/work-slots.js";
import { toResponse } from "./http/answer.js";
import { createApp, type MountedRoute } from "./http/app.js";
import { arrivalOf } from "./http/arrival.js";
import { type DirectAnswer, withDirectAnswer } from "./http/direct.js";
import type { RouteMethod } from "./http/route.js";
import { UnderWay } from "./http/under-way.js";
import { type Logger, silentLogger } from "./observe/logger.js";
import { type OpenApiDocument, openApiDocument } from "./openapi/document.js";
import { documentationRoutes, indexRoute } from "./openapi/documentation-routes.js";
import { BackgroundWork } from "./service/background-work.js";
import { Descriptions, type DescriptionsOptions } from "./service/descriptions.js";
import { ModelAccess, type SegmenterSource } from "./service/model-access.js";
import { OpenPictures } from "./service/open-pictures.js";
import { type RemoteStatus, RemoteWatch } from "./service/remote-health.js";
import type { ApiLimits, ObjectStores, Services } from "./service/services.js";
import { createMemoryObjectStore } from "./stores/memory-object-store.js";
import { createMemorySessionStore } from "./stores/memory-session-store.js";
import type { SessionStore } from "./stores/session-store.js";

export interface SegmentationApiOptions extends ChosenApis {
  /** A segmenter, or a function that makes one: then the API answers at once, and the model is loaded in the background. It stays the caller's: `close()` does not dispose it. */
  readonly segmenter: SegmenterSource;
  /** Reads pictures while the model is away. Default: the segmenter's own. */
  readonly platform?: Platform;
  /** Where sessions and files are kept. Default: memory. They stay the caller's. */
  readonly stores?: { readonly sessions?: SessionStore } & Partial<ObjectStores>;
  /** Address under which clients reach the API, for links. Default: what each request says. */
  readonly publicUrl?: string;
  /** Default: files of 50 MiB, 50 million pixels, JSON bodies of 1 MiB. */
  readonly limits?: Partial<ApiLimits>;
  readonly concurrency?: WorkSlotsOptions;
  /** Default: any origin, without credentials. `false` adds no headers. */
  readonly cors?: CorsOptions | false;
  /** Who describes pictures, and with what words. Default: the local describer. */
  readonly descriptions?: DescriptionsOptions;
  readonly logger?: Logger;
  /** Milliseconds by operation id, where an operation should get more or less than its documented time. */
  readonly timeoutsMs?: Readonly<Record<string, number>>;
  /**
   * Asks the remote encoder how it is, for the health answers: `remoteEncoderStatus({ url })` for one that another Maskery serves.
   * Left out where the model runs here.
   */
  readonly remoteStatus?: RemoteStatus;
  /** Whether `/`, `/openapi.json`, `/docs` and `/redoc` are served. Default true. */
  readonly docs?: boolean;
  /** The present moment. Default: the clock. */
  readonly now?: () => Date;
}

export interface FetchOptions {
  /** Path under which the host application mounted the API; taken off before routing. */
  readonly mountPath?: string;
}

/** The documented APIs as one function from request to response. */
export interface SegmentationApi {
  fetch(request: Request, options?: FetchOptions): Promise<Response>;
  /** Whether a route of this API lies at the path; hosts pass other requests on. The path is the one inside the mount. */
  handles(path: string): boolean;
  /** Stops work under way, waits for it, and releases everything the API holds. Safe to call twice. */
  close(): Promise<void>;
  /** OpenAPI 3.1 description of all routes but those that show it. */
  readonly openapi: OpenApiDocument;
  /** Every route that is answered, for gateways that pass on what they know. */
  readonly routes: readonly AnsweredRoute[];
}

export interface AnsweredRoute {
  /** `GET` answers `HEAD` too. */
  readonly method: RouteMethod;
  /** Inside the mount, in the form of OpenAPI: `/session/{session_id}`. */
  readonly path: string;
  readonly operationId: string;
}

const defaultLimits: ApiLimits = {
  maxFileBytes: 50 * 1024 * 1024,
  maxPixels: 50_000_000,
  maxJsonBytes: 1024 * 1024,
};

const SWEEP_EVERY_MS = 60_000;

/**
 * Makes the documented APIs.
 * @throws MaskeryError `INVALID_INPUT` for options that contradict each other.
 */
export function createSegmentationApi(options: SegmentationApiOptions): SegmentationApi {
  const closing = new AbortController();
  // Every request under way listens.
  setMaxListeners(0, closing.signal);
  const background = new BackgroundWork(closing.signal);
  const ownStores: { dispose(): Promise<void> }[] = [];
  const own = <T extends { dispose(): Promise<void> }>(store: T): T => {
    ownStores.push(store);
    return store;
  };
  const logger = options.logger ?? silentLogger;
  const now = options.now ?? (() => new Date());
  const model = new ModelAccess(options.segmenter, logger, now);
  const services: Services = {
    model,
    platform: async (callOptions) => options.platform ?? (await model.get(callOptions)).platform,
    pictures: new OpenPictures(model),
    descriptions: new Descriptions(options.descriptions ?? {}, logger),
    sessions: options.stores?.sessions ?? own(createMemorySessionStore()),
    objects: {
      uploads: options.stores?.uploads ?? own(createMemoryObjectStore()),
      masks: options.stores?.masks ?? own(createMemoryObjectStore()),
      results: options.stores?.results ?? own(createMemoryObjectStore()),
    },
    remote: options.remoteStatus && new RemoteWatch(options.remoteStatus, model, logger),
    slots: new WorkSlots(options.concurrency),
    limits: { ...defaultLimits, ...options.limits },
    logger,
    inBackground: (name, work) => background.start(name, work, logger),
    now,
  };
  const modules = chooseApis(options);
  const routes: MountedRoute[] = modules.flatMap(({ api, prefix }) =>
    api.routes.map((route) => ({ route, prefix })),
  );
  if (options.docs ?? true) routes.push({ route: indexRoute(() => openapi), prefix: "" });
  const openapi = openApiDocument(routes);
  if (options.docs ?? true)
    routes.push(...documentationRoutes(openapi).map((route) => ({ route, prefix: "" })));
  const cors = options.cors === false ? undefined : new Cors(options.cors ?? {});
  const app = createApp({
    routes,
    services,
    cors,
    closing: closing.signal,
    publicUrl: options.publicUrl?.replace(/\/+$/, ""),
    timeoutsMs: options.timeoutsMs,
  });
  const underWay = new UnderWay();
  const answer: DirectAnswer = (arrival) => underWay.run(() => app.answer(arrival));

  for (const { api } of modules) api.start?.(services);
  let sweeping = false;
  const sweep = async () => {
    if (sweeping) return;
    sweeping = true;
    try {
      await Promise.all(modules.map(({ api }) => api.sweep?.(services)));
    } finally {
      sweeping = false;
    }
  };
  const sweeper = setInterval(() => background.start("sweep", sweep, logger), SWEEP_EVERY_MS);
  sweeper.unref();

  let closed: Promise<void> | undefined;
  return {
    openapi,
    routes: routes.map(({ route: { method, path, operationId }, prefix }) => ({
      method,
      path: `${prefix}${path}`,
      operationId,
    })),
    handles: app.handles,
    fetch: withDirectAnswer(
      async (request: Request, { mountPath = "" }: FetchOptions = {}) =>
        toResponse(await answer(arrivalOf(request, mountPath))),
      answer,
    ),
    close() {
      closed ??= (async () => {
        clearInterval(sweeper);
        closing.abort(new DOMException("The API is closing.", "AbortError"));
        await Promise.all([background.settle(), underWay.settle()]);
        services.pictures.clear();
        await services.descriptions.dispose();
        await Promise.all(ownStores.map((store) => store.dispose()));
      })();
      return closed;
    },
  };
}
