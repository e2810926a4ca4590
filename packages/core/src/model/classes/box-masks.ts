import type { PixelWindow } from "../../mask/window.js";
import {
  type ClassForm,
  floatOutput,
  type NumberedSegment,
  type ReadContext,
  unexpectedOutput,
  unfitGraph,
} from "./class-form.js";
import { strongestRuns } from "./strongest-plane.js";

const DEFAULT_CONFIDENCE = 0.7;
const MASK_THRESHOLD = 0.5;

/**
 * One small mask for each box: Mask R-CNN of the ONNX model zoo. Its outputs are told by position: boxes `[n, 4]` (x1, y1, x2,
 * y2 in pixels of the resized picture, the last ones included), labels `[n]` int64, scores `[n]`, masks `[n, 1, 28, 28]` probabilities,
 * each stretched over the whole pixels of its box. Source: onnx/models, vision/object_detection_segmentation/mask-rcnn.
 */
export const boxMasks: ClassForm<{ boxes: string; labels: string; scores: string; masks: string }> = {
  name: "box-masks",

  outputs(graph) {
    const [boxes, labels, scores, masks] = graph.outputs;
    const axes = [boxes, labels, scores, masks].map((tensor) => tensor?.dims.length);
    if (boxes && labels && scores && masks && axes.join() === "2,1,1,4")
      return { boxes: boxes.name, labels: labels.name, scores: scores.name, masks: masks.name };
    throw unfitGraph(
      "box-masks",
      "four outputs: boxes [n, 4], labels [n], scores [n], masks [n, 1, h, w]",
      graph,
    );
  },

  async read(tensors, names, context) {
    const boxes = floatOutput(tensors, names.boxes, 2, "[n, 4]");
    const scores = floatOutput(tensors, names.scores, 1, "[n]");
    const masks = floatOutput(tensors, names.masks, 4, "[n, 1, height, width]");
    const labels = tensors[names.labels];
    const [count = 0] = boxes.dims;
    if ((labels?.type !== "int64" && labels?.type !== "int32") || labels.data.length !== count)
      throw unexpectedOutput(names.labels, `int64 [${count}]`, labels);
    const [maskCount = 0, channels = 0, height = 0, width = 0] = masks.dims;
    if (boxes.dims[1] !== 4) throw unexpectedOutput(names.boxes, "[n, 4]", tensors[names.boxes]);
    if (scores.data.length !== count)
      throw unexpectedOutput(names.scores, `[${count}]`, tensors[names.scores]);
    if (maskCount !== count || channels !== 1 || (count > 0 && height * width === 0))
      throw unexpectedOutput(names.masks, `[${count}, 1, height, width]`, tensors[names.masks]);

    const least = context.minConfidence ?? context.spec.thresholds?.confidence ?? DEFAULT_CONFIDENCE;
    const segments: NumberedSegment[] = [];
    for (let index = 0; index < count; index++) {
      const confidence = scores.data[index]!;
      const classNumber = Number(labels.data[index]);
      if (!(confidence > least) || classNumber === context.background) continue;
      const plane = masks.data.subarray(index * height * width, (index + 1) * height * width);
      const box = boxes.data.subarray(index * 4, index * 4 + 4);
      const segment = await paste({ plane, width, height }, box, classNumber, confidence, context);
      if (segment) segments.push(segment);
    }
    return segments;
  },
};

interface SmallMask {
  readonly plane: Float32Array;
  readonly width: number;
  readonly height: number;
}

async function paste(
  { plane, width, height }: SmallMask,
  [x1 = 0, y1 = 0, x2 = 0, y2 = 0]: Float32Array,
  classNumber: number,
  confidence: number,
  { frame, image, signal }: ReadContext,
): Promise<NumberedSegment | undefined> {
  const left = Math.trunc((x1 - frame.left) / frame.scaleX);
  const top = Math.trunc((y1 - frame.top) / frame.scaleY);
  const boxWidth = Math.trunc((x2 - frame.left) / frame.scaleX) - left + 1;
  const boxHeight = Math.trunc((y2 - frame.top) / frame.scaleY) - top + 1;
  const window = clip(left, top, boxWidth, boxHeight, image.width, image.height);
  if (!window) return undefined;
  const [scaleX, scaleY] = [width / boxWidth, height / boxHeight];
  const threshold = new Float32Array(plane.length).fill(MASK_THRESHOLD);
  const [, runs] = await strongestRuns(
    { planes: [threshold, plane], width, height },
    { scaleX, scaleY, offsetX: -left * scaleX, offsetY: -top * scaleY },
    image,
    { signal, window },
  );
  return runs && { classNumber, confidence: Math.min(1, confidence), runs };
}

function clip(
  left: number,
  top: number,
  width: number,
  height: number,
  imageWidth: number,
  imageHeight: number,
): PixelWindow | undefined {
  const x = Math.max(0, left);
  const y = Math.max(0, top);
  const right = Math.min(imageWidth, left + width);
  const bottom = Math.min(imageHeight, top + height);
  return right > x && bottom > y ? { x, y, width: right - x, height: bottom - y } : undefined;
}
