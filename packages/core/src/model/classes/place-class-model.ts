import type { ModelStore } from "../../backend/model-store.js";
import type { Graph, GraphLoadOptions, Runtime } from "../../backend/runtime.js";
import { throwIfAborted } from "../../cancellation.js";
import type { RgbaImage } from "../../image/rgba-image.js";
import { findLabels } from "../labels/find-labels.js";
import { type LabelSet, labelForPeople } from "../labels/label-set.js";
import { loadModelGraph } from "../load-model-graph.js";
import type { NumberedSegment } from "./class-form.js";
import type { ClassModel, FindClassesOptions, FoundClass } from "./class-model.js";
import { type ClassModelSpec, classModelFingerprint } from "./class-model-spec.js";
import { bindClassForm } from "./find-class-form.js";
import { findPictureFeed, pictureFeeds } from "./picture-feed.js";
import { frameFor } from "./picture-frame.js";

export type PlaceClassModelOptions = Omit<GraphLoadOptions, "workload">;

/** How far the work is after each step: preparing is quick, running takes most of the time. */
const PREPARED = 0.1;
const RUN = 0.75;

/**
 * Loads a model that names what it finds.
 * @throws MaskeryError what the store and the runtime throw, and `MODEL_CORRUPT` when the graph does not fit the description.
 */
export async function placeClassModel(
  spec: ClassModelSpec,
  store: ModelStore,
  runtime: Runtime,
  options: PlaceClassModelOptions = {},
): Promise<ClassModel> {
  const graph = await loadModelGraph(spec.files.model, store, runtime, { ...options, workload: "large" });
  try {
    return classModel(spec, graph);
  } catch (error) {
    await graph.dispose().catch(() => undefined);
    throw error;
  }
}

function classModel(spec: ClassModelSpec, graph: Graph): ClassModel {
  const form = bindClassForm(spec, graph);
  const feed = findPictureFeed(spec, graph);
  const labels = labelsOf(spec);
  return {
    contractVersion: 1,
    model: spec.id,
    modelFingerprint: classModelFingerprint(spec),
    device: graph.device,
    ...(graph.deviceReport && { deviceReport: graph.deviceReport }),
    async find(image: RgbaImage, { signal, minConfidence, onProgress }: FindClassesOptions = {}) {
      throwIfAborted(signal);
      const frame = frameFor(image, spec.image);
      const feeds = await pictureFeeds(feed, image, frame, spec.image, graph, { signal });
      onProgress?.(PREPARED);
      const tensors = await graph.run(feeds, { signal, outputs: form.outputs, transfer: Object.keys(feeds) });
      onProgress?.(RUN);
      throwIfAborted(signal);
      const segments = await form.read(tensors, {
        spec,
        image: { width: image.width, height: image.height },
        frame,
        classCount: spec.labels === undefined ? undefined : labels?.names.length,
        background: labels?.background,
        minConfidence,
        signal,
      });
      throwIfAborted(signal);
      onProgress?.(1);
      return segments.map((segment) => named(segment, labels));
    },
    dispose: () => graph.dispose(),
  };
}

function labelsOf({ labels, background }: ClassModelSpec): LabelSet | undefined {
  if (labels === undefined) return background === undefined ? undefined : { names: [], background };
  return typeof labels === "string" ? findLabels(labels) : { names: labels, background };
}

/** Numbers without a name are called by their number. */
function named({ classNumber, confidence, runs }: NumberedSegment, labels: LabelSet | undefined): FoundClass {
  const name = labels?.names[classNumber];
  return {
    class: name ?? `class-${classNumber}`,
    label: name === undefined ? `Class ${classNumber}` : labelForPeople(name),
    confidence,
    runs,
  };
}
