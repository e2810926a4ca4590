import type { Runs } from "../../mask/runs.js";
import type { PlaneStack } from "./cell-column.js";
import {
  type ClassForm,
  checkClassCount,
  floatOutput,
  type NumberedSegment,
  type ReadContext,
  unexpectedOutput,
  unfitGraph,
} from "./class-form.js";
import { mappingToPlane, planePositions } from "./plane-mapping.js";
import { strongestAtPositions, strongestRuns } from "./strongest-plane.js";

const KNOWN_OUTPUTS = ["out", "logits"] as const;

/**
 * One plane for each class, `[1, classes, h, w]`, covering the whole input: torchvision's FCN and DeepLabV3 (`out` beside `aux`,
 * at the input's size), SegFormer (`logits`, a quarter of it), U-Net. The class of a pixel is the plane that is highest there
 * after enlarging; a single plane is held against the threshold of its object. Source: pytorch/vision
 * models/segmentation; huggingface/transformers models/segformer.
 */
export const classPlanes: ClassForm<{ planes: string }> = {
  name: "class-planes",

  outputs(graph, { output }) {
    const ofFourAxes = graph.outputs.filter(({ dims }) => dims.length === 4);
    const wanted = output === undefined ? KNOWN_OUTPUTS : [output];
    const named = wanted
      .map((name) => ofFourAxes.find((tensor) => tensor.name === name))
      .find((tensor) => tensor !== undefined);
    const found = named ?? (output === undefined && ofFourAxes.length === 1 ? ofFourAxes[0] : undefined);
    if (found) return { planes: found.name };
    const expected =
      output === undefined
        ? "an output out or logits, or a single one, of four axes"
        : `an output ${output} of four axes`;
    throw unfitGraph("class-planes", expected, graph);
  },

  async read(tensors, { planes: name }, context) {
    const { data, dims } = floatOutput(tensors, name, 4, "[1, classes, height, width]");
    const [batch = 0, classes = 0, height = 0, width = 0] = dims;
    if (batch !== 1 || data.length === 0)
      throw unexpectedOutput(name, "[1, classes, height, width]", tensors[name]);
    checkClassCount(classes, context, name);
    const planes = Array.from({ length: classes }, (_, plane) =>
      data.subarray(plane * width * height, (plane + 1) * width * height),
    );
    const stack = { planes, width, height };
    return classes === 1 ? readSinglePlane(stack, context) : readPlanes(stack, context);
  },
};

async function readPlanes(stack: PlaneStack, context: ReadContext): Promise<NumberedSegment[]> {
  const { frame, image, spec, background, minConfidence } = context;
  const mapping = mappingToPlane(frame, stack.width, stack.height);
  const known = await strongestAtPositions(stack, context);
  const runs = await strongestRuns(stack, mapping, image, { signal: context.signal, known });
  const confidence = confidences(stack, known, visiblePositions(stack, context), spec.values ?? "logits");
  const least = minConfidence ?? spec.thresholds?.confidence ?? 0;
  return runs.flatMap((classRuns, classNumber) =>
    classRuns === undefined || classNumber === background || confidence[classNumber]! < least
      ? []
      : [{ classNumber, confidence: confidence[classNumber]!, runs: classRuns }],
  );
}

/** An object against everything else: positive logits, or a probability above a half. */
async function readSinglePlane(stack: PlaneStack, context: ReadContext): Promise<NumberedSegment[]> {
  const { frame, image, spec, minConfidence } = context;
  const isLogits = (spec.values ?? "logits") === "logits";
  const rest = new Float32Array(stack.width * stack.height).fill(isLogits ? 0 : 0.5);
  const [, runs] = await strongestRuns(
    { ...stack, planes: [rest, stack.planes[0]!] },
    mappingToPlane(frame, stack.width, stack.height),
    image,
    { signal: context.signal },
  );
  if (!runs) return [];
  const confidence = meanOfObject(stack.planes[0]!, visiblePositions(stack, context), isLogits);
  const least = minConfidence ?? spec.thresholds?.confidence ?? 0;
  return confidence < least ? [] : [{ classNumber: 0, confidence, runs: runs as Runs }];
}

/** Positions of a plane that lie in the picture and not in padding. */
function visiblePositions({ width, height }: PlaneStack, { frame, image }: ReadContext): Uint8Array {
  const mapping = mappingToPlane(frame, width, height);
  const columns = planePositions(0, image.width, mapping.scaleX, mapping.offsetX, width).before;
  const rows = planePositions(0, image.height, mapping.scaleY, mapping.offsetY, height).before;
  const visible = new Uint8Array(width * height);
  for (let y = rows[0]!; y <= rows.at(-1)!; y++) {
    visible.fill(1, y * width + columns[0]!, y * width + columns.at(-1)! + 1);
  }
  return visible;
}

/** Mean probability of each class where it wins; of classes that win only between positions, their highest one. */
function confidences(
  { planes }: PlaneStack,
  { strongest, value }: { readonly strongest: Uint16Array; readonly value: Float32Array },
  visible: Uint8Array,
  values: "logits" | "probabilities",
): Float64Array {
  const total = new Float64Array(value.length);
  for (const plane of planes) addExponentials(plane, value, values === "logits", total);
  const probability = (plane: number, index: number) => {
    const own = planes[plane]![index]!;
    return values === "logits" ? Math.exp(own - value[index]!) / total[index]! : own;
  };
  const sums = new Float64Array(planes.length);
  const counts = new Float64Array(planes.length);
  for (let index = 0; index < value.length; index++) {
    if (visible[index] === 0) continue;
    const winner = strongest[index]!;
    sums[winner]! += probability(winner, index);
    counts[winner]!++;
  }
  return sums.map((sum, plane) => {
    if (counts[plane]! > 0) return clampShare(sum / counts[plane]!);
    let highest = 0;
    for (let index = 0; index < value.length; index++) highest = Math.max(highest, probability(plane, index));
    return clampShare(highest);
  });
}

function addExponentials(
  plane: Float32Array,
  highest: Float32Array,
  isLogits: boolean,
  total: Float64Array,
): void {
  if (!isLogits) return;
  for (let index = 0; index < total.length; index++)
    total[index] = total[index]! + Math.exp(plane[index]! - highest[index]!);
}

function meanOfObject(plane: Float32Array, visible: Uint8Array, isLogits: boolean): number {
  let sum = 0;
  let count = 0;
  for (let index = 0; index < plane.length; index++) {
    const probability = isLogits ? 1 / (1 + Math.exp(-plane[index]!)) : plane[index]!;
    if (visible[index] === 0 || probability <= 0.5) continue;
    sum += probability;
    count++;
  }
  return clampShare(count === 0 ? 0.5 : sum / count);
}

function clampShare(value: number): number {
  return Math.min(1, Math.max(0, value));
}
