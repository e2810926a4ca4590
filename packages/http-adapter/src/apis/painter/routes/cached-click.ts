import { problems } from "../../../http/problem.js";
import { defineRoute, json, type Route } from "../../../http/route.js";
import { checkPoint } from "../check-point.js";
import { keepMaskFiles } from "../mask-files.js";
import { maskAnswerSchema } from "../painter-answers.js";
import { type PainterContext, tag, timeouts, withPicture } from "../painter-context.js";
import { maskAnswer, readStoredMask, storeMasks } from "../painter-masks.js";
import { pointRequestSchema } from "../painter-requests.js";
import type { PainterData } from "../painter-sessions.js";

/** One click, remembered by the picture's content, and by its number within the session. */
export function cachedClickRoute(context: PainterContext): Route {
  const { sessions } = context;
  return defineRoute(
    {
      method: "POST",
      path: "/generate-mask-at-point-cached",
      operationId: "painterMaskAtPoint",
      summary: "Generate mask at point with caching",
      tag,
      timeoutMs: timeouts.segment,
      weight: "model",
      body: {
        kind: "json",
        schema: pointRequestSchema,
        example: { session_id: "3f0c8f6e-2f1e-4c57-9d0c-0d8f3c1b2a4e", point: [500, 300] },
      },
      responses: {
        200: { description: "The best mask.", schema: maskAnswerSchema },
        ...problems(400, 404, 410, 413, 415, 503, 504),
      },
    },
    async ({ body, services, signal }) => {
      const startedAt = performance.now();
      const session = await sessions.get(services, body.session_id);
      const [x, y] = checkPoint(body.point, session.data);
      const platform = await services.platform({ signal });
      const { model } = await services.model.get({ signal });
      const click = `${model} ${x},${y}`;
      const known = clickedMask(session.data, click);
      if (known) {
        const answer = await maskAnswer(known.id, known.mask, platform, { signal });
        return json({
          session_id: session.id,
          ...answer,
          cached: true,
          processing_time: secondsSince(startedAt),
        });
      }
      const { best, cached } = await withPicture(
        services,
        session,
        async (picture) => {
          const [result] = await picture.segmentMany([{ points: [{ x, y, label: 1 }] }], { signal });
          return result!;
        },
        { signal },
      );
      const mask = { mask: best, score: best.score ?? 0 };
      let dropped: readonly number[] = [];
      const { data } = await sessions.update(services, session.id, (current) => {
        // A request at the same time may have been quicker: one click has one number.
        if (clickedMask(current, click)) return current;
        const changed = storeMasks(current, [mask], { click });
        dropped = changed.dropped;
        return changed.data;
      });
      const { id } = clickedMask(data, click)!;
      const answer = await maskAnswer(id, mask, platform, { signal });
      keepMaskFiles(context, session, [answer], services, dropped);
      return json({ session_id: session.id, ...answer, cached, processing_time: secondsSince(startedAt) });
    },
  );
}

/** The mask that this very click made before. */
function clickedMask(data: PainterData, click: string) {
  const entry = Object.entries(data.masks).find(([, stored]) => stored.click === click);
  return entry && { id: Number(entry[0]), mask: readStoredMask(entry[1]) };
}

function secondsSince(startedAt: number): number {
  return (performance.now() - startedAt) / 1000;
}
