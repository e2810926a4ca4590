import { Mask } from "@maskery/core";
import { z } from "zod";
import { problems } from "../../../http/problem.js";
import { defineRoute, json, type Route } from "../../../http/route.js";
import { mapInTurn } from "../../../service/map-in-turn.js";
import { keepMaskFiles } from "../mask-files.js";
import { maskSchema } from "../painter-answers.js";
import { type PainterContext, tag, timeouts } from "../painter-context.js";
import { maskAnswer, storedMask, storeMasks } from "../painter-masks.js";
import { combineRequestSchema } from "../painter-requests.js";
import { PASSED_MASKS_AT_ONCE, passedMask } from "../passed-mask.js";

export const combineAnswerSchema = maskSchema
  .extend({ session_id: z.string(), combined: z.int() })
  .meta({ id: "PainterCombinedMask" });

export function combineRoute(context: PainterContext): Route {
  const { sessions } = context;
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
      const passed = await mapInTurn(body.masks ?? [], PASSED_MASKS_AT_ONCE, async (entry, index) => {
        const { mask: text, score = 1 } = typeof entry === "string" ? { mask: entry } : entry;
        const field = `masks[${index}]${typeof entry === "string" ? "" : ".mask"}`;
        return { mask: await passedMask(text, session.data, platform, field, { signal }), score };
      });
      const parts = [...stored, ...passed];
      // As sure as the least sure of its parts.
      const score = Math.min(1, ...parts.map((part) => part.score));
      const mask = Mask.combine(
        parts.map((part) => part.mask),
        body.operation,
      );
      const combined = { mask, score };
      let ids: readonly number[] = [];
      let dropped: readonly number[] = [];
      await sessions.update(services, session.id, (data) => {
        const added = storeMasks(data, [combined]);
        ({ ids, dropped } = added);
        return added.data;
      });
      const answer = await maskAnswer(ids[0]!, combined, platform, { signal });
      keepMaskFiles(context, session, [answer], services, dropped);
      return json({
        session_id: session.id,
        ...answer,
        combined: parts.length,
      });
    },
  );
}
