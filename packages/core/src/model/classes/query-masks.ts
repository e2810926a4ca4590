import type { Runs } from "../../mask/runs.js";
import { runsArea } from "../../mask/runs.js";
import {
  type ClassForm,
  checkClassCount,
  floatOutput,
  type NumberedSegment,
  type ReadContext,
  unexpectedOutput,
  unfitGraph,
} from "./class-form.js";
import { mappingToPlane } from "./plane-mapping.js";
import { strongestRuns } from "./strongest-plane.js";

const DEFAULT_CONFIDENCE = 0.5;
const DEFAULT_COVERAGE = 0.8;
const MASK_THRESHOLD = 0.5;

/** What the outputs are called: DETR panoptic and MaskFormer, as optimum exports them. */
const namings = [
  { classes: "class_queries_logits", masks: "masks_queries_logits" },
  { classes: "logits", masks: "pred_masks" },
] as const;

interface Query {
  readonly classNumber: number;
  readonly score: number;
  /** Probability of the mask times the score. */
  readonly plane: Float32Array;
}

/**
 * A fixed number of queries, each with a class and a mask: classes `[1, Q, C + 1]` logits of which the last says "no object",
 * masks `[1, Q, h, w]` logits over the whole input. Queries that are sure enough compete for every pixel with the mask's probability
 * times the score; who wins less than 0.8 of the pixels that it claims is dropped. Source: `post_process_panoptic_segmentation` of
 * huggingface/transformers, without its fusing of equal kinds of stuff, as in transformers.js.
 */
export const queryMasks: ClassForm<{ classes: string; masks: string }> = {
  name: "query-masks",

  outputs(graph) {
    const has = (name: string, axes: number) =>
      graph.outputs.some((tensor) => tensor.name === name && tensor.dims.length === axes);
    const found = namings.find(({ classes, masks }) => has(classes, 3) && has(masks, 4));
    if (found) return found;
    throw unfitGraph(
      "query-masks",
      "outputs class_queries_logits and masks_queries_logits, or logits and pred_masks, of three and four axes",
      graph,
    );
  },

  async read(tensors, names, context) {
    const classes = floatOutput(tensors, names.classes, 3, "[1, queries, classes + 1]");
    const masks = floatOutput(tensors, names.masks, 4, "[1, queries, height, width]");
    const [, queries = 0, channels = 0] = classes.dims;
    const [, maskCount = 0, height = 0, width = 0] = masks.dims;
    if (maskCount !== queries || channels < 2 || classes.dims[0] !== 1 || masks.data.length === 0)
      throw unexpectedOutput(names.masks, `[1, ${queries}, height, width]`, tensors[names.masks]);
    // Numbers after COCO's ids leave room at the end, so fewer names than classes are no mistake.
    if (context.classCount !== undefined && context.classCount > channels - 1)
      checkClassCount(channels - 1, context, names.classes);
    const sure = sureQueries(classes.data, masks.data, queries, channels, width * height, context);
    if (sure.length === 0) return [];
    return compete(sure, width, height, context);
  },
};

function sureQueries(
  classes: Float32Array,
  masks: Float32Array,
  queries: number,
  channels: number,
  planeLength: number,
  { minConfidence, spec }: ReadContext,
): Query[] {
  const least = minConfidence ?? spec.thresholds?.confidence ?? DEFAULT_CONFIDENCE;
  const sure: Query[] = [];
  for (let query = 0; query < queries; query++) {
    const logits = classes.subarray(query * channels, (query + 1) * channels);
    let best = 0;
    for (let index = 1; index < channels; index++) if (logits[index]! > logits[best]!) best = index;
    let total = 0;
    for (let index = 0; index < channels; index++) total += Math.exp(logits[index]! - logits[best]!);
    const score = 1 / total;
    if (best === channels - 1 || score <= least) continue;
    const plane = masks
      .subarray(query * planeLength, (query + 1) * planeLength)
      .map((logit) => score / (1 + Math.exp(-logit)));
    sure.push({ classNumber: best, score, plane });
  }
  return sure;
}

async function compete(
  queries: readonly Query[],
  width: number,
  height: number,
  context: ReadContext,
): Promise<NumberedSegment[]> {
  const { frame, image, spec, signal } = context;
  const mapping = mappingToPlane(frame, width, height);
  const coverage = spec.thresholds?.coverage ?? DEFAULT_COVERAGE;
  const won = await strongestRuns(
    { planes: queries.map(({ plane }) => plane), width, height },
    mapping,
    image,
    {
      signal,
    },
  );
  const threshold = new Float32Array(width * height).fill(MASK_THRESHOLD);
  const segments: NumberedSegment[] = [];
  for (const [index, { classNumber, score, plane }] of queries.entries()) {
    const runs: Runs | undefined = won[index];
    if (!runs) continue;
    const [, claimed] = await strongestRuns({ planes: [threshold, plane], width, height }, mapping, image, {
      signal,
    });
    if (!claimed || runsArea(runs) / runsArea(claimed) <= coverage) continue;
    segments.push({ classNumber, confidence: score, runs });
  }
  return segments;
}
