import type { ModelStore } from "../../backend/model-store.js";
import type { Graph, GraphLoadOptions, Runtime } from "../../backend/runtime.js";
import { throwIfAborted } from "../../cancellation.js";
import { MaskeryError } from "../../errors.js";
import { describeTensors, unexpectedOutput } from "../classes/class-form.js";
import { findPictureFeed, pictureFeeds } from "../classes/picture-feed.js";
import { frameFor } from "../classes/picture-frame.js";
import { mappingToPlane } from "../classes/plane-mapping.js";
import { loadModelGraph } from "../load-model-graph.js";
import { alphaAtPictureSize } from "./alpha-at-picture-size.js";
import type { ForegroundModel } from "./foreground-model.js";
import { type ForegroundModelSpec, foregroundModelFingerprint } from "./foreground-model-spec.js";
import { subjectShares } from "./subject-plane.js";

export type PlaceForegroundModelOptions = Omit<GraphLoadOptions, "workload">;

/** How far the work is after each step. */
const PREPARED = 0.1;
const RUN = 0.9;

/**
 * Loads a model that tells the subject from the background: U²-Net and its relatives, IS-Net, BiRefNet, RMBG. Their output is
 * `[1, 1, h, w]` or `[1, h, w]` over the whole input; of further channels and outputs nothing is read.
 * @throws MaskeryError what the store and the runtime throw, and `MODEL_CORRUPT` when the graph does not fit the description.
 */
export async function placeForegroundModel(
  spec: ForegroundModelSpec,
  store: ModelStore,
  runtime: Runtime,
  options: PlaceForegroundModelOptions = {},
): Promise<ForegroundModel> {
  const graph = await loadModelGraph(spec.files.model, store, runtime, { ...options, workload: "large" });
  try {
    return foregroundModel(spec, graph);
  } catch (error) {
    await graph.dispose().catch(() => undefined);
    throw error;
  }
}

function foregroundModel(spec: ForegroundModelSpec, graph: Graph): ForegroundModel {
  const feed = findPictureFeed(spec, graph);
  const output = findOutput(spec, graph);
  return {
    contractVersion: 1,
    model: spec.id,
    modelFingerprint: foregroundModelFingerprint(spec),
    device: graph.device,
    ...(graph.deviceReport && { deviceReport: graph.deviceReport }),
    async find(image, { signal, onProgress } = {}) {
      throwIfAborted(signal);
      const frame = frameFor(image, spec.image);
      const feeds = await pictureFeeds(feed, image, frame, spec.image, graph, { signal });
      onProgress?.(PREPARED);
      const tensors = await graph.run(feeds, { signal, outputs: [output], transfer: Object.keys(feeds) });
      onProgress?.(RUN);
      throwIfAborted(signal);
      const found = tensors[output];
      const [height = 0, width = 0] = found?.dims.slice(-2) ?? [];
      const length = width * height;
      if (found?.type !== "float32" || found.dims.length < 3 || length === 0 || found.data.length < length)
        throw unexpectedOutput(output, "float32 [1, 1, height, width]", found);
      const data = subjectShares(found.data.slice(0, length), spec);
      const mapping = mappingToPlane(frame, width, height);
      const alpha = await alphaAtPictureSize({ data, width, height }, mapping, image, { signal });
      onProgress?.(1);
      return alpha;
    },
    dispose: () => graph.dispose(),
  };
}

function findOutput(spec: ForegroundModelSpec, graph: Graph): string {
  const found = graph.outputs.find(({ name }) => spec.output === undefined || name === spec.output);
  if (found && (found.dims.length === 4 || found.dims.length === 3)) return found.name;
  const expected = spec.output === undefined ? "a first output" : `an output ${spec.output}`;
  throw new MaskeryError(
    "MODEL_CORRUPT",
    `${spec.id}: expected ${expected} [1, 1, height, width], received ${describeTensors(graph)}`,
  );
}
