import { Mask } from "@maskery/core";
import { z } from "zod";
import { problems } from "../../../http/problem.js";
import { defineRoute, json, type Route } from "../../../http/route.js";
import { maskSchema } from "../painter-answers.js";
import { type PainterContext, tag, timeouts } from "../painter-context.js";
import { maskAnswer, passedMask, storedMask, storeMasks } from "../painter-masks.js";
import { combineRequestSchema } from "../painter-requests.js";

export const combineAnswerSchema = maskSchema
  .extend({ session_id: z.string(), combined: z.int() })
  .meta({ id: "PainterCombinedMask" });

export function combineRoute({ sessions }: PainterContext): Route {
  return defineRoute(
    {
      method: "POST",
      path: "/combine-masks",
      operationId: "painterCombineMasks",
      summary: "Combine multiple masks from session storage",
      tag,
      timeoutMs: timeouts.paint,
      body: {
        kind: "json",
        schema: combineRequestSchema,
        maxBytes: 64 * 1024 * 1024,
        example: { session_id: "3f0c8f6e-2f1e-4c57-9d0c-0d8f3c1b2a4e", mask_ids: [0, 1] },
      },
      responses: {
        200: { description: "The new mask; it is stored too.", schema: combineAnswerSchema },
        ...problems(400, 404, 410, 413, 415, 503, 504),
      },
    },
    async ({ body, services, signal }) => {
      const session = await sessions.get(services, body.session_id);
      const platform = await services.platform({ signal });
      const stored = (body.mask_ids ?? []).map((id, index) =>
        storedMask(session.data, id, `mask_ids[${index}]`),
      );
      const passed = await Promise.all(
        (body.masks ?? []).map((text, index) =>
          passedMask(text, session.data, platform, `masks[${index}]`, { signal }),
        ),
      );
      const parts = [...stored.map(({ mask }) => mask), ...passed];
      // As sure as the least sure of its parts.
      const score = Math.min(1, ...stored.map((mask) => mask.score));
      const combined = { mask: Mask.combine(parts, body.operation), score };
      let ids: number[] = [];
      await sessions.update(services, session.id, (data) => {
        const added = storeMasks(data, [combined]);
        ids = added.ids;
        return added.data;
      });
      return json({
        session_id: session.id,
        ...(await maskAnswer(ids[0]!, combined, platform, { signal })),
        combined: parts.length,
      });
    },
  );
}
