import type { ModelStore } from "../backend/model-store.js";
import type { Graph, GraphLoadOptions, Runtime } from "../backend/runtime.js";
import { MaskeryError } from "../errors.js";
import { fitToFrame } from "../image/frame-fit.js";
import { findLayout } from "../model/find-layout.js";
import type { Layout } from "../model/layout.js";
import { type ModelSpec, modelFingerprint } from "../model/model-spec.js";
import type { Prompt } from "../prompt/prompt.js";
import type { Decoder, Encoder, ModelPlacement } from "./placement.js";

/**
 * Loads both halves of a model into one runtime.
 * @throws MaskeryError what the store and the runtime throw, and `MODEL_CORRUPT` when the graphs do not fit the layout.
 */
export async function placeModelLocally(
  spec: ModelSpec,
  store: ModelStore,
  runtime: Runtime,
  options: GraphLoadOptions = {},
): Promise<ModelPlacement> {
  const load = async (file: ModelSpec["files"]["encoder"]): Promise<Graph> =>
    runtime.load({ model: await store.fetch(file, { signal: options.signal }) }, options);
  const loaded = await Promise.allSettled([load(spec.files.encoder), load(spec.files.decoder)]);
  const graphs = loaded.flatMap((result) => (result.status === "fulfilled" ? [result.value] : []));
  try {
    for (const result of loaded) if (result.status === "rejected") throw result.reason;
    const [encoder, decoder] = graphs as [Graph, Graph];
    const layout = findLayout(spec.layout);
    layout.check(encoder, decoder);
    return {
      model: spec.id,
      everythingDefaults: { preset: spec.family === "sam" ? "sam" : "sam2", thresholds: spec.everything },
      encoder: localEncoder(spec, layout, encoder),
      decoder: localDecoder(spec, layout, decoder),
    };
  } catch (error) {
    // Half a model must not stay behind in memory.
    await Promise.allSettled(graphs.map((graph) => graph.dispose()));
    throw error;
  }
}

function localEncoder(spec: ModelSpec, layout: Layout, graph: Graph): Encoder {
  const fingerprint = modelFingerprint(spec);
  return {
    contractVersion: 1,
    modelFingerprint: fingerprint,
    device: graph.device,
    async encode(image, options = {}) {
      const imageSize = { width: image.width, height: image.height };
      const fit = fitToFrame(imageSize, spec.image.size, spec.image.resize);
      const tensors = await layout.encode(graph, image, fit, spec, options);
      return { modelFingerprint: fingerprint, imageSize, fit, tensors };
    },
    dispose: () => graph.dispose(),
  };
}

function localDecoder(spec: ModelSpec, layout: Layout, graph: Graph): Decoder {
  const fingerprint = modelFingerprint(spec);
  return {
    contractVersion: 1,
    modelFingerprint: fingerprint,
    device: graph.device,
    abilities: layout.abilities,
    async decode(embedding, prompts, options = {}) {
      if (embedding.modelFingerprint !== fingerprint) {
        throw new MaskeryError(
          "INVALID_INPUT",
          `embedding: expected one made by ${spec.id}, received another model's`,
        );
      }
      for (const prompt of prompts) checkAbilities(prompt, layout, spec);
      if (prompts.length === 0) return [];
      return layout.decode(graph, embedding.tensors, embedding.fit, prompts, spec, options);
    },
    dispose: () => graph.dispose(),
  };
}

function checkAbilities(prompt: Prompt, layout: Layout, spec: ModelSpec): void {
  const { abilities } = layout;
  const unsupported =
    (prompt.points.length > 0 && !abilities.points && "points") ||
    (prompt.points.some((point) => point.label === 0) &&
      !abilities.negativePoints &&
      "points with label 0") ||
    (prompt.box && !abilities.boxes && "boxes") ||
    (prompt.mask && !abilities.maskInput && "earlier masks");
  if (!unsupported) return;
  throw new MaskeryError(
    "UNSUPPORTED_PROMPT",
    `The model ${spec.id} (layout ${layout.name}) does not take ${unsupported}.`,
  );
}
