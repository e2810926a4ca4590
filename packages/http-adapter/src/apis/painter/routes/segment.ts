import type { PromptInput, SegmentResult } from "@maskery/core";
import type { z } from "zod";
import { problems } from "../../../http/problem.js";
import { defineRoute, json, type Route } from "../../../http/route.js";
import { withRequestFields } from "../../../service/request-fields.js";
import { keepMaskFiles } from "../mask-files.js";
import { segmentAnswerSchema } from "../painter-answers.js";
import { type PainterContext, tag, timeouts, withPicture } from "../painter-context.js";
import { maskAnswers, storedMask, storeMasks } from "../painter-masks.js";
import { segmentRequestSchema } from "../painter-requests.js";
import { passedMask } from "../passed-mask.js";

type SegmentRequest = z.output<typeof segmentRequestSchema>;

export function segmentRoute(context: PainterContext): Route {
  const { sessions } = context;
  return defineRoute(
    {
      method: "POST",
      path: "/segment",
      operationId: "painterSegment",
      summary: "Segment image with points, boxes or mask prompts",
      tag,
      timeoutMs: timeouts.segment,
      weight: "model",
      // A mask to start from comes as a whole picture.
      body: {
        kind: "json",
        schema: segmentRequestSchema,
        maxBytes: 16 * 1024 * 1024,
        example: {
          session_id: "3f0c8f6e-2f1e-4c57-9d0c-0d8f3c1b2a4e",
          points: [{ x: 500, y: 300, label: 1 }],
        },
      },
      responses: {
        200: { description: "The masks, best first.", schema: segmentAnswerSchema },
        ...problems(400, 404, 410, 413, 415, 503, 504),
      },
    },
    async ({ body, services, signal }) => {
      const startedAt = performance.now();
      const session = await sessions.get(services, body.session_id);
      const platform = await services.platform({ signal });
      const start =
        body.mask !== undefined
          ? await passedMask(body.mask, session.data, platform, "mask", { signal })
          : body.mask_id !== undefined && storedMask(session.data, body.mask_id).mask;
      const prompts = promptsOf(body).map((prompt) => (start ? { ...prompt, mask: start } : prompt));
      const results = await withRequestFields(requestFields(body), () =>
        withPicture(services, session, (picture) => picture.segmentMany(prompts, { signal }), { signal }),
      );
      const masks = results
        .flatMap((result) => candidatesOf(result, body))
        .map((mask) => ({ mask, score: mask.score ?? 0 }));
      let ids: readonly number[] = [];
      let dropped: readonly number[] = [];
      await sessions.update(services, session.id, (data) => {
        const stored = storeMasks(data, masks);
        ({ ids, dropped } = stored);
        return stored.data;
      });
      const answers = await maskAnswers(
        masks.map((mask, index) => ({ id: ids[index]!, mask })),
        platform,
        { signal },
      );
      keepMaskFiles(context, session, answers, services, dropped);
      return json({
        session_id: session.id,
        masks: answers,
        best_mask_id: ids[0]!,
        total_masks: answers.length,
        image_hash: session.data.imageHash,
        cached: results.every(({ cached }) => cached),
        processing_time: (performance.now() - startedAt) / 1000,
      });
    },
  );
}

/** One object for all points and a box; one more for each of `boxes`. */
function promptsOf({
  points = [],
  box,
  boxes = [],
}: SegmentRequest): Exclude<PromptInput, readonly unknown[]>[] {
  const boxOf = ([x0, y0, x1, y1]: readonly [number, number, number, number]) => ({ x0, y0, x1, y1 });
  const prompts: Exclude<PromptInput, readonly unknown[]>[] = [];
  if (points.length > 0 || box || boxes.length === 0)
    prompts.push({ points, ...(box && { box: boxOf(box) }) });
  for (const other of boxes) prompts.push({ box: boxOf(other) });
  return prompts;
}

/** Where members of core's prompts stand in the request: `prompts[1].box` may be `boxes[0]`. */
function requestFields({ points, box }: SegmentRequest): (sdkField: string) => string | undefined {
  const boxesFrom = points?.length || box ? 1 : 0;
  return (sdkField) => {
    const [, index, member, rest] = /^prompts\[(\d+)\]\.(\w+)(.*)$/.exec(sdkField) ?? [];
    if (member !== "box") return member && `${member}${rest}`;
    const boxIndex = Number(index) - boxesFrom;
    return boxIndex < 0 ? "box" : `boxes[${boxIndex}]`;
  };
}

function candidatesOf({ masks, best }: SegmentResult, { multimask_output: all }: SegmentRequest) {
  return all ? masks : [best];
}
