import { problems } from "../../http/problem.js";
import type { Route } from "../../http/route.js";
import { sweepFiles } from "../../service/sweep-files.js";
import type { ApiModule } from "../api-module.js";
import { GenerationCache } from "./generation-cache.js";
import { type PainterContext, statusOverrides } from "./painter-context.js";
import { DOWNLOAD_PREFIX, painterSessions, UPLOAD_FOLDER } from "./painter-sessions.js";
import { cacheRoutes } from "./routes/cache.js";
import { cachedClickRoute } from "./routes/cached-click.js";
import { combineRoute } from "./routes/combine.js";
import { downloadRoutes } from "./routes/download.js";
import { embeddingRoute } from "./routes/embedding.js";
import { generateRoutes } from "./routes/generate.js";
import { healthRoute } from "./routes/health.js";
import { instantMaskRoute } from "./routes/mask-at-point.js";
import { paintRoutes } from "./routes/paint.js";
import { segmentRoute } from "./routes/segment.js";
import { sessionRoutes } from "./routes/session.js";
import { uploadRoute } from "./routes/upload.js";
import { SessionCounts } from "./session-counts.js";

export interface PainterOptions {
  /** Milliseconds that a session and its files live. Default one hour, as documented. */
  readonly sessionLifetimeMs?: number;
}

const HOUR_MS = 60 * 60 * 1000;

/** Upload, masks, paint and downloads within sessions: `painter.md`. */
export function painterApi(options: PainterOptions & { readonly prefix?: string } = {}): ApiModule {
  const lifetimeMs = options.sessionLifetimeMs ?? HOUR_MS;
  const sessions = painterSessions(lifetimeMs);
  const context: PainterContext = {
    sessions,
    counts: new SessionCounts(sessions),
    generations: new GenerationCache(),
    prefix: options.prefix ?? "",
  };
  return {
    name: "painter",
    title: "Building painter",
    routes: withFailures([
      uploadRoute(context),
      segmentRoute(context),
      ...generateRoutes(context),
      combineRoute(context),
      ...paintRoutes(context),
      ...downloadRoutes(context),
      ...sessionRoutes(context),
      healthRoute(context),
      embeddingRoute(context),
      instantMaskRoute(context),
      cachedClickRoute(context),
      ...cacheRoutes(context),
    ]),
    async sweep(services) {
      await sessions.sweep(services);
      await sweepFiles(services.objects.uploads, `${UPLOAD_FOLDER}/`, lifetimeMs, services.now());
      await sweepFiles(services.objects.masks, `${UPLOAD_FOLDER}/`, lifetimeMs, services.now());
      await sweepFiles(services.objects.results, DOWNLOAD_PREFIX, lifetimeMs, services.now());
    },
  };
}

/** Every route of it may fail inside, and says so in the same way. */
function withFailures(routes: readonly Route[]): Route[] {
  return routes.map((route) => ({
    ...route,
    statusOverrides,
    responses: { ...route.responses, ...problems(500) },
  }));
}
