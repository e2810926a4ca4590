import { z } from "zod";
import { problems } from "../../../http/problem.js";
import { defineRoute, json, type Route } from "../../../http/route.js";
import { readObject } from "../../../stores/read-object.js";
import { messageSchema, sessionAnswerSchema } from "../painter-answers.js";
import { type PainterContext, tag, timeouts } from "../painter-context.js";
import { corners, maskText, readStoredMask } from "../painter-masks.js";
import { timestamp } from "../painter-sessions.js";
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
            .meta({ description: "`image_data`, `embedding_cache`, or both with a comma between." }),
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
        const included = new Set((query.get("include") ?? "").split(","));
        const masks = await Promise.all(
          Object.entries(data.masks).map(async ([id, stored]) => {
            const { mask, score } = readStoredMask(stored);
            return [
              id,
              { mask: await maskText(mask, platform, { signal }), score, bbox: corners(mask) },
            ] as const;
          }),
        );
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
          image_data: included.has("image_data")
            ? Buffer.from(await readObject(services.objects.uploads, data.uploadKey, { signal })).toString(
                "base64",
              )
            : null,
          embedding_cache: included.has("embedding_cache")
            ? (await embeddingText(services, session, signal)).text
            : null,
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
