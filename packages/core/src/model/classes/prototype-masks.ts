import type { PixelWindow } from "../../mask/window.js";
import { bestBoxes, type ScoredBox } from "./best-boxes.js";
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

const DEFAULT_CONFIDENCE = 0.25;
const DEFAULT_BOX_IOU = 0.45;
/** Objects of one picture at most, as in the library. */
const MOST_OBJECTS = 300;
/** Boxes that go into the suppression at most, best first; it compares each with those kept. */
const MOST_CANDIDATES = 3_000;

/** Numbers of a row before the coefficients in end-to-end exports: x1, y1, x2, y2, score, class. */
const ROW_START = 6;
/** Numbers before the class scores in raw exports: centre x, centre y, width, height. */
const BOX_NUMBERS = 4;

interface Candidate extends ScoredBox {
  /** Factor of each prototype. */
  readonly coefficients: Float32Array;
}

/**
 * Boxes with coefficients of shared prototype planes: YOLOv8-seg and YOLO11-seg as Ultralytics exports them. Raw exports give
 * `[1, 4 + classes + K, n]`: box centre and size in input pixels, class scores after the sigmoid, K coefficients; boxes that repeat
 * each other are dropped here. End-to-end exports give rows `[1, n, 6 + K]` and need none of that. Prototypes are `[1, K, h, w]`
 * over the whole input; their weighted sum is the object's logits, cut by its box. Source: ultralytics/ultralytics,
 * utils/ops.py and examples/YOLOv8-Segmentation-ONNXRuntime-Python.
 */
export const prototypeMasks: ClassForm<{ objects: string; prototypes: string }> = {
  name: "prototype-masks",

  outputs(graph) {
    const objects = graph.outputs.find(({ dims }) => dims.length === 3);
    const prototypes = graph.outputs.find(({ dims }) => dims.length === 4);
    if (objects && prototypes && graph.outputs.length === 2)
      return { objects: objects.name, prototypes: prototypes.name };
    throw unfitGraph(
      "prototype-masks",
      "two outputs: objects [1, 4 + classes + K, n] or [1, n, 6 + K], prototypes [1, K, h, w]",
      graph,
    );
  },

  async read(tensors, names, context) {
    const prototypes = floatOutput(tensors, names.prototypes, 4, "[1, K, height, width]");
    const objects = floatOutput(tensors, names.objects, 3, "[1, 4 + classes + K, n] or [1, n, 6 + K]");
    const [, count = 0, height = 0, width = 0] = prototypes.dims;
    const [, second = 0, last = 0] = objects.dims;
    const least = context.minConfidence ?? context.spec.thresholds?.confidence ?? DEFAULT_CONFIDENCE;
    let found: Candidate[];
    if (last === ROW_START + count) found = rowObjects(objects.data, second, count, least);
    else if (second > BOX_NUMBERS + count) {
      checkClassCount(second - BOX_NUMBERS - count, context, names.objects);
      const candidates = columnObjects(objects.data, second, last, count, least);
      const iou = context.spec.thresholds?.boxIou ?? DEFAULT_BOX_IOU;
      found = bestBoxes(candidates, iou, MOST_OBJECTS);
    } else {
      const expected = `[1, 4 + classes + ${count}, n] or [1, n, 6 + ${count}]`;
      throw unexpectedOutput(names.objects, expected, tensors[names.objects]);
    }
    const segments: NumberedSegment[] = [];
    for (const candidate of found) {
      const plane = weightedSum(prototypes.data, candidate.coefficients, width * height);
      const segment = await cutObject(candidate, plane, width, height, context);
      if (segment) segments.push(segment);
    }
    return segments;
  },
};

/** Channel-major: every number of an object is `columns` apart. */
function columnObjects(
  data: Float32Array,
  channels: number,
  columns: number,
  coefficients: number,
  least: number,
): Candidate[] {
  const classes = channels - BOX_NUMBERS - coefficients;
  const at = (channel: number, column: number) => data[channel * columns + column]!;
  const found: { column: number; classNumber: number; score: number }[] = [];
  for (let column = 0; column < columns; column++) {
    let classNumber = 0;
    for (let index = 1; index < classes; index++)
      if (at(BOX_NUMBERS + index, column) > at(BOX_NUMBERS + classNumber, column)) classNumber = index;
    const score = at(BOX_NUMBERS + classNumber, column);
    if (score > least) found.push({ column, classNumber, score });
  }
  found.sort((first, second) => second.score - first.score);
  return found.slice(0, MOST_CANDIDATES).map(({ column, classNumber, score }) => {
    const [centreX, centreY] = [at(0, column), at(1, column)];
    const [halfWidth, halfHeight] = [at(2, column) / 2, at(3, column) / 2];
    return {
      x1: centreX - halfWidth,
      y1: centreY - halfHeight,
      x2: centreX + halfWidth,
      y2: centreY + halfHeight,
      classNumber,
      score,
      coefficients: Float32Array.from({ length: coefficients }, (_, index) =>
        at(BOX_NUMBERS + classes + index, column),
      ),
    };
  });
}

function rowObjects(data: Float32Array, rows: number, coefficients: number, least: number): Candidate[] {
  const length = ROW_START + coefficients;
  const found: Candidate[] = [];
  for (let row = 0; row < rows; row++) {
    const values = data.subarray(row * length, (row + 1) * length);
    const [x1 = 0, y1 = 0, x2 = 0, y2 = 0, score = 0, classNumber = 0] = values;
    if (score > least)
      found.push({
        x1,
        y1,
        x2,
        y2,
        score,
        classNumber: Math.round(classNumber),
        coefficients: values.subarray(ROW_START),
      });
  }
  return found.sort((first, second) => second.score - first.score).slice(0, MOST_OBJECTS);
}

function weightedSum(
  prototypes: Float32Array,
  coefficients: Float32Array,
  planeLength: number,
): Float32Array {
  const sum = new Float32Array(planeLength);
  coefficients.forEach((factor, prototype) => {
    const start = prototype * planeLength;
    for (let index = 0; index < planeLength; index++)
      sum[index] = sum[index]! + factor * prototypes[start + index]!;
  });
  return sum;
}

async function cutObject(
  { x1, y1, x2, y2, classNumber, score }: Candidate,
  plane: Float32Array,
  width: number,
  height: number,
  { frame, image, signal }: ReadContext,
): Promise<NumberedSegment | undefined> {
  // A pixel belongs to a box when its middle lies in it. The library compares the pixel's number instead, which moves every box by
  // half a pixel.
  const bound = (value: number, corner: number, scale: number, length: number) =>
    Math.min(length, Math.max(0, Math.ceil((value - corner) / scale - 0.5)));
  const x = bound(x1, frame.left, frame.scaleX, image.width);
  const y = bound(y1, frame.top, frame.scaleY, image.height);
  const right = bound(x2, frame.left, frame.scaleX, image.width);
  const bottom = bound(y2, frame.top, frame.scaleY, image.height);
  if (!(right > x && bottom > y)) return undefined;
  const window: PixelWindow = { x, y, width: right - x, height: bottom - y };
  const [, runs] = await strongestRuns(
    { planes: [new Float32Array(plane.length), plane], width, height },
    mappingToPlane(frame, width, height),
    image,
    { signal, window },
  );
  return runs && { classNumber, confidence: Math.min(1, score), runs };
}
