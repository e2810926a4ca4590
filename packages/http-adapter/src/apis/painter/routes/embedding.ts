import { problems } from "../../../http/problem.js";
import { defineRoute, json, type Route } from "../../../http/route.js";
import type { ApiSession } from "../../../service/api-sessions.js";
import type { Services } from "../../../service/services.js";
import { embeddingAnswerSchema } from "../painter-answers.js";
import { type PainterContext, tag, timeouts, withPicture } from "../painter-context.js";
import { sessionRequestSchema } from "../painter-requests.js";
import type { PainterData } from "../painter-sessions.js";

export function embeddingRoute({ sessions }: PainterContext): Route {
  return defineRoute(
    {
      method: "POST",
      path: "/get-embedding",
      operationId: "painterGetEmbedding",
      summary: "Get image embedding for caching",
      tag,
      timeoutMs: timeouts.segment,
      weight: "model",
      body: {
        kind: "json",
        schema: sessionRequestSchema,
        example: { session_id: "3f0c8f6e-2f1e-4c57-9d0c-0d8f3c1b2a4e" },
      },
      responses: {
        200: { description: "The embedding.", schema: embeddingAnswerSchema },
        ...problems(400, 404, 410, 413, 415, 503, 504),
      },
    },
    async ({ body, services, signal }) => {
      const session = await sessions.get(services, body.session_id);
      const { text, cached } = await embeddingText(services, session, signal);
      const { model } = await services.model.get({ signal });
      if (!session.data.showsEmbedding)
        await sessions.update(services, session.id, (data) => ({ ...data, showsEmbedding: true }));
      return json({
        session_id: session.id,
        image_hash: session.data.imageHash,
        embedding: text,
        model,
        cached,
      });
    },
  );
}

/** The picture's embedding in the wire format, half precision, as base64. */
export async function embeddingText(
  services: Services,
  session: ApiSession<PainterData>,
  signal: AbortSignal,
): Promise<{ readonly text: string; readonly cached: boolean }> {
  return withPicture(
    services,
    session,
    async (picture) => {
      const { bytes, cached } = await picture.embedding({ precision: "float16", signal });
      return {
        text: Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("base64"),
        cached,
      };
    },
    { signal },
  );
}
