import type { Mask } from "@maskery/core";
import type { z } from "zod";
import { problems } from "../../../http/problem.js";
import { defineRoute, json, type Route } from "../../../http/route.js";
import { mapInTurn } from "../../../service/map-in-turn.js";
import { checkPoint } from "../check-point.js";
import { instantAnswerSchema } from "../painter-answers.js";
import { type PainterContext, tag, timeouts } from "../painter-context.js";
import { corners, maskText, readStoredMask } from "../painter-masks.js";
import { instantRequestSchema } from "../painter-requests.js";
import type { PainterData } from "../painter-sessions.js";
import { PASSED_MASKS_AT_ONCE, passedMask } from "../passed-mask.js";

type PassedMasks = NonNullable<z.output<typeof instantRequestSchema>["all_masks"]>;

interface Candidate {
  readonly mask: Mask;
  readonly id: number | null;
  readonly score: number | null;
}

/** Chooses among known masks: no model runs. */
export function instantMaskRoute({ sessions }: PainterContext): Route {
  return defineRoute(
    {
      method: "POST",
      path: "/get-mask-at-point-instant",
      operationId: "painterMaskAtPointInstant",
      summary: "Instant mask selection from cached masks",
      tag,
      timeoutMs: timeouts.other,
      body: {
        kind: "json",
        schema: instantRequestSchema,
        // Masks that are passed along are pictures.
        maxBytes: 64 * 1024 * 1024,
        example: {
          session_id: "3f0c8f6e-2f1e-4c57-9d0c-0d8f3c1b2a4e",
          point: [500, 300],
          image_hash: "abc123",
        },
      },
      responses: {
        200: { description: "The smallest mask that holds the point, or none.", schema: instantAnswerSchema },
        ...problems(400, 404, 410, 413, 415, 503, 504),
      },
    },
    async ({ body, services, signal }) => {
      const { id, data } = await sessions.get(services, body.session_id);
      const [x, y] = checkPoint(body.point, data);
      const platform = await services.platform({ signal });
      const candidates = body.all_masks ? await passedCandidates(body.all_masks) : storedCandidates(data);
      const [chosen] = candidates
        .filter(({ mask }) => mask.contains(x, y))
        .sort((first, second) => first.mask.area - second.mask.area);
      return json({
        session_id: id,
        found: chosen !== undefined,
        mask: chosen ? await maskText(chosen.mask, platform, { signal }) : null,
        mask_id: chosen?.id ?? null,
        score: chosen?.score ?? null,
        bbox: chosen ? corners(chosen.mask) : null,
        area: chosen?.mask.area ?? null,
        cached: true,
      });

      function passedCandidates(passed: PassedMasks): Promise<Candidate[]> {
        return mapInTurn(passed, PASSED_MASKS_AT_ONCE, async (entry, index) => {
          const {
            mask: text,
            score,
            mask_id,
          } = typeof entry === "string" ? { mask: entry, score: undefined, mask_id: undefined } : entry;
          const field = `all_masks[${index}]${typeof entry === "string" ? "" : ".mask"}`;
          return {
            mask: await passedMask(text, data, platform, field, { signal }),
            id: mask_id ?? index,
            score: score ?? null,
          };
        });
      }
    },
  );
}

function storedCandidates(data: PainterData): Candidate[] {
  return Object.entries(data.masks).map(([id, stored]) => ({ id: Number(id), ...readStoredMask(stored) }));
}
