import { MaskeryError } from "@maskery/core";
import { defineRoute, json, type Route } from "../../../http/route.js";
import type { Services } from "../../../service/services.js";
import { deleteMaskFiles } from "../mask-files.js";
import { cacheStatusSchema, messageSchema } from "../painter-answers.js";
import { type PainterContext, tag, timeouts } from "../painter-context.js";

export function cacheRoutes(context: PainterContext): Route[] {
  return [
    defineRoute(
      {
        method: "GET",
        path: "/cache-status",
        operationId: "painterCacheStatus",
        summary: "Get cache status and statistics",
        tag,
        timeoutMs: timeouts.other,
        responses: { 200: { description: "What is remembered.", schema: cacheStatusSchema } },
      },
      async ({ services }) => json(await cacheStatus(context, services)),
    ),
    defineRoute(
      {
        method: "POST",
        path: "/clear-cache",
        operationId: "painterClearCache",
        summary: "Clear all cached data",
        tag,
        timeoutMs: timeouts.other,
        responses: {
          200: {
            description: "Embeddings and masks are forgotten; sessions and their files stay.",
            schema: messageSchema,
          },
        },
      },
      async ({ services }) => {
        context.generations.clear();
        services.pictures.clear();
        // While the model is away it remembers nothing.
        await services.model.loaded?.clearCache();
        for (const { id, data } of await context.sessions.list(services)) {
          await context.sessions
            .update(services, id, (now) => ({ ...now, masks: {}, showsEmbedding: false }))
            .catch(ignoreEnded);
          await deleteMaskFiles(services, data);
        }
        return json({ message: "Cache cleared" });
      },
    ),
  ];
}

/** A session may end while the caches are cleared. */
function ignoreEnded(error: unknown): void {
  if (!MaskeryError.is(error) || (error.code !== "NOT_FOUND" && error.code !== "EXPIRED")) throw error;
}

export async function cacheStatus({ counts }: PainterContext, services: Services) {
  const { sessions, sessionsWithMasks, masks } = await counts.read(services);
  const stats = await services.model.loaded?.cacheStats();
  return {
    total_sessions: sessions,
    sessions_with_cache: sessionsWithMasks,
    total_cached_masks: masks,
    total_cached_embeddings: stats?.embeddings.memory.entries ?? 0,
  };
}
