import type { Mask } from "@maskery/core";
import { invalidInput } from "@maskery/core";
import type { z } from "zod";
import { problems } from "../../../http/problem.js";
import { defineRoute, json, type Route } from "../../../http/route.js";
import { instantAnswerSchema, maskAnswerSchema } from "../painter-answers.js";
import { type PainterContext, tag, timeouts, withPicture } from "../painter-context.js";
import { corners, maskAnswer, maskText, passedMask, readStoredMask, storeMasks } from "../painter-masks.js";
import { instantRequestSchema, pointRequestSchema } from "../painter-requests.js";
import type { PainterData } from "../painter-sessions.js";

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

      function passedCandidates(
        passed: NonNullable<z.output<typeof instantRequestSchema>["all_masks"]>,
      ): Promise<Candidate[]> {
        return Promise.all(
          passed.map(async (entry, index) => {
            const { mask, score, mask_id } =
              typeof entry === "string" ? { mask: entry, score: undefined, mask_id: undefined } : entry;
            return {
              mask: await passedMask(mask, data, platform, `all_masks[${index}]`, { signal }),
              id: mask_id ?? index,
              score: score ?? null,
            };
          }),
        );
      }
    },
  );
}

function storedCandidates(data: PainterData): Candidate[] {
  return Object.entries(data.masks).map(([id, stored]) => ({ id: Number(id), ...readStoredMask(stored) }));
}

/** One click, remembered by the picture's content. */
export function cachedMaskAtPointRoute({ sessions }: PainterContext): Route {
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
      let ids: number[] = [];
      await sessions.update(services, session.id, (data) => {
        const stored = storeMasks(data, [mask]);
        ids = stored.ids;
        return stored.data;
      });
      return json({
        session_id: session.id,
        ...(await maskAnswer(ids[0]!, mask, platform, { signal })),
        cached,
        processing_time: (performance.now() - startedAt) / 1000,
      });
    },
  );
}

function checkPoint(
  [x, y]: readonly [number, number],
  { width, height }: PainterData,
): readonly [number, number] {
  if (x < 0 || x > width - 1)
    throw invalidInput("point[0]", `a pixel inside the image, 0 to ${width - 1}`, x);
  if (y < 0 || y > height - 1)
    throw invalidInput("point[1]", `a pixel inside the image, 0 to ${height - 1}`, y);
  return [Math.round(x), Math.round(y)];
}
