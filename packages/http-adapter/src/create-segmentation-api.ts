import { setMaxListeners } from "node:events";
import type { Platform } from "@maskery/core";
import type { ApiModule } from "./apis/api-module.js";
import { type ClinicalOptions, clinicalApi } from "./apis/clinical/clinical-api.js";
import { type DemoOptions, demoApi } from "./apis/demo/demo-api.js";
import { type PainterOptions, painterApi } from "./apis/painter/painter-api.js";
import { Cors, type CorsOptions } from "./guards/cors.js";
import { WorkSlots, type WorkSlotsOptions } from "./guards/work-slots.js";
import { createApp, type MountedRoute } from "./http/app.js";
import { type Logger, silentLogger } from "./observe/logger.js";
import { type OpenApiDocument, openApiDocument } from "./openapi/document.js";
import { documentationRoutes, indexRoute } from "./openapi/documentation-routes.js";
import { BackgroundWork } from "./service/background-work.js";
import { Descriptions, type DescriptionsOptions } from "./service/descriptions.js";
import { ModelAccess, type RemoteStatus, type SegmenterSource } from "./service/model-access.js";
import { OpenPictures } from "./service/open-pictures.js";
import type { ApiLimits, ObjectStores, Services } from "./service/services.js";
import { createMemoryObjectStore } from "./stores/memory-object-store.js";
import { createMemorySessionStore } from "./stores/memory-session-store.js";
import type { SessionStore } from "./stores/session-store.js";

/** How one API is mounted. */
export interface ApiPlace {
  /** Path put before the documented ones, for example `/painter`. Default none. */
  readonly prefix?: string;
}

export interface SegmentationApiOptions {
  /** A segmenter, or a function that makes one: then the API answers at once, and the model is loaded in the background. It stays the caller's: `close()` does not dispose it. */
  readonly segmenter: SegmenterSource;
  /** Which documented APIs to answer. Default: all, at their documented paths. `false` leaves one out. */
  readonly apis?: {
    readonly demo?: false | (ApiPlace & DemoOptions);
    readonly painter?: false | (ApiPlace & PainterOptions);
    readonly clinical?: false | (ApiPlace & ClinicalOptions);
  };
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
  /** Asks the remote encoder how it is, for the health answers. Left out where the model runs here. */
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
  /** OpenAPI 3.1 description of all routes. */
  readonly openapi: OpenApiDocument;
}

const defaultLimits: ApiLimits = {
  maxFileBytes: 50 * 1024 * 1024,
  maxPixels: 50_000_000,
  maxJsonBytes: 1024 * 1024,
};

const SWEEP_EVERY_MS = 60_000;

/**
 * Makes the documented APIs.
 * @throws RangeError for options that contradict each other.
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
    remoteStatus: options.remoteStatus,
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
    timeoutsMs: options.timeoutsMs,
  });
  const underWay = new Set<Promise<Response>>();

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
    handles: app.handles,
    fetch(request, { mountPath = "" } = {}) {
      const url = new URL(request.url);
      const inside = url.pathname === mountPath || url.pathname.startsWith(`${mountPath}/`);
      const path = inside ? url.pathname.slice(mountPath.length) || "/" : url.pathname;
      const baseUrl = options.publicUrl?.replace(/\/+$/, "") ?? `${url.origin}${mountPath}`;
      const answer = app.fetch(request, { path, baseUrl }).finally(() => underWay.delete(answer));
      underWay.add(answer);
      return answer;
    },
    close() {
      closed ??= (async () => {
        clearInterval(sweeper);
        closing.abort(new DOMException("The API is closing.", "AbortError"));
        await Promise.all([background.settle(), ...underWay]);
        services.pictures.clear();
        await services.descriptions.dispose();
        await Promise.all(ownStores.map((store) => store.dispose()));
      })();
      return closed;
    },
  };
}

function chooseApis({ apis = {} }: SegmentationApiOptions): { api: ApiModule; prefix: string }[] {
  const chosen: { api: ApiModule; prefix: string }[] = [];
  const add = (
    name: string,
    place: false | (ApiPlace & object) | undefined,
    make: (place: object) => ApiModule,
  ) => {
    if (place === false) return;
    const prefix = place?.prefix ?? "";
    if (!/^(?:\/[A-Za-z0-9._~-]+)*$/.test(prefix))
      throw new RangeError(
        `apis.${name}.prefix: expected a path such as "/${name}", received ${JSON.stringify(prefix)}`,
      );
    chosen.push({ api: make(place ?? {}), prefix });
  };
  add("demo", apis.demo, demoApi);
  add("painter", apis.painter, painterApi);
  add("clinical", apis.clinical, clinicalApi);
  return chosen;
}
