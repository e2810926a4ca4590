import { SingleFlight } from "@maskery/core";
import type { Answer } from "../../../http/answer.js";
import { problems } from "../../../http/problem.js";
import { defineRoute, json, type Route, type RouteContext } from "../../../http/route.js";
import { type PainterRun, painterRun } from "../everything-options.js";
import {
  type GenerateRequest,
  generateAdvancedRequestSchema,
  generateRequestSchema,
} from "../generate-requests.js";
import { keepMaskFiles } from "../mask-files.js";
import { generatedAnswerSchema } from "../painter-answers.js";
import { type PainterContext, tag, timeouts, withPicture } from "../painter-context.js";
import { maskAnswers, type PainterMask } from "../painter-masks.js";
import { MAX_GENERATIONS, storedGeneration, storeGeneration } from "../stored-generations.js";

const example = {
  session_id: "3f0c8f6e-2f1e-4c57-9d0c-0d8f3c1b2a4e",
  points_per_side: 32,
  pred_iou_thresh: 0.88,
  stability_score_thresh: 0.95,
};

/** `/generate-masks`, the same with every parameter, and the same by name with caching; all three remember. */
export function generateRoutes(context: PainterContext): Route[] {
  const flights = new SingleFlight<readonly PainterMask[]>();
  const shared = {
    method: "POST",
    tag,
    timeoutMs: timeouts.generate,
    weight: "model",
    responses: {
      200: {
        description: `All masks, best first. The session keeps those of its last ${MAX_GENERATIONS} generations.`,
        schema: generatedAnswerSchema,
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
      ({ body, services, signal }) => generate(context, flights, body, services, signal),
    ),
    defineRoute(
      {
        ...shared,
        path: "/generate-masks-advanced",
        operationId: "painterGenerateMasksAdvanced",
        summary: "Advanced mask generation with caching",
        body: { kind: "json", schema: generateAdvancedRequestSchema, example },
      },
      ({ body, services, signal }) => generate(context, flights, body, services, signal),
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
      ({ body, services, signal }) => generate(context, flights, body, services, signal),
    ),
  ];
}

async function generate(
  context: PainterContext,
  flights: SingleFlight<readonly PainterMask[]>,
  request: GenerateRequest,
  services: RouteContext["services"],
  signal: AbortSignal,
): Promise<Answer> {
  const { sessions, generations } = context;
  const startedAt = performance.now();
  const session = await sessions.get(services, request.session_id);
  const platform = await services.platform({ signal });
  const run = painterRun(request, await services.model.get({ signal }));

  const stored = storedGeneration(session.data, run.key);
  let dropped: readonly number[] = [];
  let masks = stored ?? [];
  let cached = stored !== undefined;
  if (!stored) {
    const contentKey = `${session.data.imageHash} ${run.key}`;
    const known = generations.get(contentKey);
    cached = known !== undefined;
    // The same picture and options asked for twice at once are one run.
    const found =
      known ??
      (await flights.run(
        contentKey,
        (shared) =>
          withPicture(services, session, (picture) => findMasks(picture, run, shared), { signal: shared }),
        { signal },
      ));
    generations.set(contentKey, found);
    const { data } = await sessions.update(services, session.id, (current) => {
      const changed = storeGeneration(current, found, run.key);
      dropped = changed.dropped;
      return changed.data;
    });
    masks = storedGeneration(data, run.key) ?? [];
  }
  const answers = await maskAnswers(masks, platform, { signal });
  if (!stored) keepMaskFiles(context, session, answers, services, dropped);
  return json({
    session_id: session.id,
    masks: answers,
    total_masks: answers.length,
    image_hash: session.data.imageHash,
    thresholds: run.thresholds,
    cached,
    processing_time: (performance.now() - startedAt) / 1000,
  });
}

async function findMasks(
  picture: Parameters<Parameters<typeof withPicture>[2]>[0],
  { options }: PainterRun,
  signal: AbortSignal,
): Promise<PainterMask[]> {
  const found = await picture.everything({ ...options, signal }).toArray();
  return found.map(({ mask, predictedIou, stabilityScore }) => ({
    mask,
    score: predictedIou,
    stabilityScore,
  }));
}
