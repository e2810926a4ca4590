import { z } from "zod";
import { problems } from "../../../http/problem.js";
import { defineRoute, json, type Route } from "../../../http/route.js";
import type { ApiSession } from "../../../service/api-sessions.js";
import { mapInTurn } from "../../../service/map-in-turn.js";
import type { Services } from "../../../service/services.js";
import { readObject } from "../../../stores/read-object.js";
import { messageSchema, sessionAnswerSchema } from "../painter-answers.js";
import { type PainterContext, tag, timeouts } from "../painter-context.js";
import { corners, MASKS_DRAWN_AT_ONCE, maskText, readStoredMask } from "../painter-masks.js";
import { type PainterData, timestamp } from "../painter-sessions.js";
import { embeddingText } from "./embedding.js";

const params = z.object({ session_id: z.string() });

export function sessionRoutes(context: PainterContext): Route[] {
  const { sessions } = context;
  return [
    defineRoute(
      {
        method: "GET",
        path: "/session/{session_id}",
        operationId: "painterSession",
        summary: "Get session information",
        tag,
        timeoutMs: timeouts.other,
        params,
        query: z.object({
          include: z
            .string()
            .optional()
            .meta({
              description:
                "`image_data`, `embedding_cache`, both with a comma between, or nothing: only these come along. Default: the picture, and " +
                "the embedding where `/get-embedding` was asked for it.",
            }),
        }),
        responses: {
          200: { description: "The session.", schema: sessionAnswerSchema },
          ...problems(404, 410, 503, 504),
        },
      },
      async ({ params: { session_id }, query, services, signal }) => {
        const session = await sessions.get(services, session_id);
        const { data } = session;
        const platform = await services.platform({ signal });
        const asked = query.get("include")?.split(",");
        const masks = await mapInTurn(
          Object.entries(data.masks),
          MASKS_DRAWN_AT_ONCE,
          async ([id, stored]) => {
            const { mask, score } = readStoredMask(stored);
            return [
              id,
              { mask: await maskText(mask, platform, { signal }), score, bbox: corners(mask) },
            ] as const;
          },
        );
        const imageData =
          !asked || asked.includes("image_data")
            ? Buffer.from(await readObject(services.objects.uploads, data.uploadKey, { signal })).toString(
                "base64",
              )
            : null;
        const embedding = asked
          ? asked.includes("embedding_cache") && (await embeddingText(services, session, signal)).text
          : data.showsEmbedding && (await shownEmbedding(services, session, signal));
        return json({
          session_id: session.id,
          file_path: `uploads/${data.uploadKey}`,
          filename: data.filename,
          width: data.width,
          height: data.height,
          created_at: timestamp(session.createdAt),
          expires_at: timestamp(session.expiresAt),
          image_hash: data.imageHash,
          stored_masks: Object.fromEntries(masks),
          image_data: imageData,
          embedding_cache: embedding || null,
        });
      },
    ),
    defineRoute(
      {
        method: "DELETE",
        path: "/session/{session_id}",
        operationId: "painterDeleteSession",
        summary: "Delete session and files",
        tag,
        timeoutMs: timeouts.other,
        params,
        responses: {
          200: { description: "It is gone.", schema: messageSchema },
          ...problems(404, 410, 503, 504),
        },
      },
      async ({ params: { session_id }, services }) => {
        await sessions.delete(services, session_id);
        return json({ message: "Session deleted" });
      },
    ),
  ];
}

/** The embedding that an earlier request asked for; what the session is otherwise is told also while the model is away. */
async function shownEmbedding(
  services: Services,
  session: ApiSession<PainterData>,
  signal: AbortSignal,
): Promise<string | undefined> {
  try {
    return (await embeddingText(services, session, signal)).text;
  } catch (error) {
    if (signal.aborted) throw error;
    services.logger.warn({ error }, "A session's embedding could not be shown.");
    return undefined;
  }
}
