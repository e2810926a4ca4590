import { type PaintLayer, Picture, paint } from "@maskery/core";
import type { Answer } from "../../../http/answer.js";
import { problems } from "../../../http/problem.js";
import { defineRoute, json, type Route } from "../../../http/route.js";
import type { ApiSession } from "../../../service/api-sessions.js";
import { mapInTurn } from "../../../service/map-in-turn.js";
import { readPixels } from "../../../service/picture-pixels.js";
import type { Services } from "../../../service/services.js";
import { paintAnswerSchema } from "../painter-answers.js";
import { type PainterContext, tag, timeouts } from "../painter-context.js";
import { requestedMask } from "../painter-masks.js";
import { type Paint, paintManyRequestSchema, paintRequestSchema } from "../painter-requests.js";
import type { PainterData } from "../painter-sessions.js";
import { PASSED_MASKS_AT_ONCE } from "../passed-mask.js";

const example = {
  session_id: "3f0c8f6e-2f1e-4c57-9d0c-0d8f3c1b2a4e",
  mask_id: 5,
  color: "#FF0000",
  opacity: 0.7,
};
const maxBytes = 64 * 1024 * 1024;

export function paintRoutes({ sessions }: PainterContext): Route[] {
  const shared = {
    method: "POST",
    tag,
    timeoutMs: timeouts.paint,
    weight: "model",
    responses: {
      200: { description: "The painted picture.", schema: paintAnswerSchema },
      ...problems(400, 404, 410, 413, 415, 503, 504),
    },
  } as const;
  return [
    defineRoute(
      {
        ...shared,
        path: "/paint-mask",
        operationId: "painterPaintMask",
        summary: "Paint a single mask on an image",
        body: { kind: "json", schema: paintRequestSchema, maxBytes, example },
      },
      async ({ body, services, signal }) => {
        const session = await sessions.get(services, body.session_id);
        return answer(session, await paintSession(session, [body], services, signal, () => ""), signal);
      },
    ),
    defineRoute(
      {
        ...shared,
        path: "/paint-multiple-masks",
        operationId: "painterPaintMasks",
        summary: "Paint multiple masks on an image",
        body: {
          kind: "json",
          schema: paintManyRequestSchema,
          maxBytes,
          example: {
            session_id: example.session_id,
            masks: [
              { mask_id: 0, color: "#FF0000", opacity: 0.7 },
              { mask_id: 1, color: "#1E90FF", opacity: 0.5 },
            ],
          },
        },
      },
      async ({ body, services, signal }) => {
        const session = await sessions.get(services, body.session_id);
        return answer(
          session,
          await paintSession(session, body.masks, services, signal, (index) => `masks[${index}].`),
          signal,
        );
      },
    ),
  ];
}

/** Paints the session's picture, layer by layer. No model takes part. */
export async function paintSession(
  session: ApiSession<PainterData>,
  requests: readonly Paint[],
  services: Services,
  signal: AbortSignal,
  fieldOf: (index: number) => string,
): Promise<Picture> {
  const platform = await services.platform({ signal });
  const layers = await mapInTurn(
    requests,
    PASSED_MASKS_AT_ONCE,
    async (request, index): Promise<PaintLayer> => ({
      mask: await requestedMask(request, session.data, platform, fieldOf(index), { signal }),
      color: request.color,
      opacity: request.opacity,
      blend: request.blend,
      keepShading: request.keep_shading,
    }),
  );
  const pixels = await readPixels(services, session.data.uploadKey, { signal });
  return new Picture(paint(pixels, layers), platform);
}

async function answer(
  session: ApiSession<PainterData>,
  painted: Picture,
  signal: AbortSignal,
): Promise<Answer> {
  const png = await painted.encode({ format: "png", signal });
  return json({
    session_id: session.id,
    image: Buffer.from(png.buffer, png.byteOffset, png.byteLength).toString("base64"),
    format: "PNG",
    width: painted.width,
    height: painted.height,
  });
}
