import type { EverythingOptions } from "@maskery/core";
import { problems } from "../../../http/problem.js";
import { defineRoute, json, type Route, type RouteContext } from "../../../http/route.js";
import { masksAnswerSchema } from "../painter-answers.js";
import { type PainterContext, tag, timeouts, withPicture } from "../painter-context.js";
import { maskAnswer, type PainterMask, readStoredMask, storeMasks } from "../painter-masks.js";
import {
  type GenerateRequest,
  generateAdvancedRequestSchema,
  generateRequestSchema,
} from "../painter-requests.js";
import type { PainterData } from "../painter-sessions.js";

const example = {
  session_id: "3f0c8f6e-2f1e-4c57-9d0c-0d8f3c1b2a4e",
  points_per_side: 32,
  pred_iou_thresh: 0.88,
  stability_score_thresh: 0.95,
};

/** `/generate-masks`, the same with every parameter, and the same by name with caching; all three remember. */
export function generateRoutes(context: PainterContext): Route[] {
  const shared = {
    method: "POST",
    tag,
    timeoutMs: timeouts.generate,
    weight: "model",
    responses: {
      200: {
        description: "All masks, best first. They replace those of an earlier generation.",
        schema: masksAnswerSchema,
      },
      ...problems(400, 404, 410, 413, 415, 503, 504),
    },
  } as const;
  return [
    defineRoute(
      {
        ...shared,
        path: "/generate-masks",
        operationId: "painterGenerateMasks",
        summary: "Generate all possible masks for an image",
        body: { kind: "json", schema: generateRequestSchema, example },
      },
      ({ body, services, signal }) => generate(context, body, services, signal),
    ),
    defineRoute(
      {
        ...shared,
        path: "/generate-masks-advanced",
        operationId: "painterGenerateMasksAdvanced",
        summary: "Advanced mask generation with caching",
        body: { kind: "json", schema: generateAdvancedRequestSchema, example },
      },
      ({ body, services, signal }) => generate(context, body, services, signal),
    ),
    defineRoute(
      {
        ...shared,
        path: "/generate-masks-cached",
        operationId: "painterGenerateMasksCached",
        summary: "Generate masks with intelligent caching",
        body: {
          kind: "json",
          schema: generateAdvancedRequestSchema,
          example: { ...example, image_hash: "abc123" },
        },
      },
      ({ body, services, signal }) => generate(context, body, services, signal),
    ),
  ];
}

async function generate(
  { sessions, generations }: PainterContext,
  request: GenerateRequest,
  services: RouteContext["services"],
  signal: AbortSignal,
): Promise<Response> {
  const startedAt = performance.now();
  const session = await sessions.get(services, request.session_id);
  const { data } = session;
  const platform = await services.platform({ signal });
  const options = everythingOptions(request);
  const generation = JSON.stringify([(await services.model.get({ signal })).model, options]);
  const contentKey = `${data.imageHash} ${generation}`;

  let answers = storedGeneration(data, generation);
  const known = answers ? undefined : generations.get(contentKey);
  const cached = answers !== undefined || known !== undefined;
  if (!answers) {
    const masks =
      known ??
      (await withPicture(
        services,
        session,
        async (picture): Promise<PainterMask[]> => {
          const found = await picture.everything({ ...options, signal }).toArray();
          return found.map(({ mask, predictedIou, stabilityScore }) => ({
            mask,
            score: predictedIou,
            stabilityScore,
          }));
        },
        { signal },
      ));
    generations.set(contentKey, masks);
    let ids: number[] = [];
    await sessions.update(services, session.id, (current) => {
      const kept = Object.fromEntries(
        Object.entries(current.masks).filter(([, mask]) => mask.generation === undefined),
      );
      const stored = storeMasks({ ...current, masks: kept }, masks, generation);
      ids = stored.ids;
      return stored.data;
    });
    answers = masks.map((mask, index) => ({ id: ids[index]!, mask }));
  }
  return json({
    session_id: session.id,
    masks: await Promise.all(answers.map(({ id, mask }) => maskAnswer(id, mask, platform, { signal }))),
    total_masks: answers.length,
    image_hash: data.imageHash,
    cached,
    processing_time: (performance.now() - startedAt) / 1000,
  });
}

/** The session's masks of this very generation; undefined when there was none, or it found nothing. */
function storedGeneration(
  data: PainterData,
  generation: string,
): { id: number; mask: PainterMask }[] | undefined {
  const stored = Object.entries(data.masks).filter(([, mask]) => mask.generation === generation);
  return stored.length === 0
    ? undefined
    : stored.map(([id, mask]) => ({ id: Number(id), mask: readStoredMask(mask) }));
}

/** The document's names to the SDK's. What the client left out is left to the model. */
export function everythingOptions(request: GenerateRequest): EverythingOptions {
  const options = {
    pointsPerSide: request.points_per_side,
    predIouThresh: request.pred_iou_thresh,
    stabilityScoreThresh: request.stability_score_thresh,
    pointsPerBatch: request.points_per_batch,
    stabilityScoreOffset: request.stability_score_offset,
    maskThreshold: request.mask_threshold,
    boxNmsThresh: request.box_nms_thresh,
    cropNLayers: request.crop_n_layers,
    cropNmsThresh: request.crop_nms_thresh,
    cropOverlapRatio: request.crop_overlap_ratio,
    cropNPointsDownscaleFactor: request.crop_n_points_downscale_factor,
    minMaskRegionArea: request.min_mask_region_area,
    useM2m: request.use_m2m,
    multimaskOutput: request.multimask_output,
  };
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
}
