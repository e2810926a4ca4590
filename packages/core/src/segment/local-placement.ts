import { allOrNone } from "../all-or-none.js";
import { keepingFeeds } from "../backend/keep-feeds.js";
import type { ModelStore } from "../backend/model-store.js";
import type { Graph, GraphLoadOptions, Runtime } from "../backend/runtime.js";
import { MaskeryError } from "../errors.js";
import { fitToFrame } from "../image/frame-fit.js";
import { checkGraphSizes } from "../model/check-graph-sizes.js";
import { detectLayout, findLayout } from "../model/find-layout.js";
import type { Layout, PromptAbilities } from "../model/layout.js";
import { loadModelGraph } from "../model/load-model-graph.js";
import type { GraphFile } from "../model/model-files.js";
import { type ModelSpec, modelFingerprint } from "../model/model-spec.js";
import type { Prompt } from "../prompt/prompt.js";
import { type DeviceChoice, deviceFor } from "./device-choice.js";
import type { Decoder, Encoder, EverythingDefaults, ModelPlacement } from "./placement.js";

export interface PlaceModelOptions extends Omit<GraphLoadOptions, "device" | "workload"> {
  /**
   * Where the halves run. Default `"auto"`: each on the best device for its work; a small decoder answers sooner on the
   * processor, also where the encoder runs on a GPU.
   */
  readonly device?: DeviceChoice | undefined;
}

/**
 * Loads both halves of a model into one runtime. Where one half fails, the other is not waited for.
 * @throws MaskeryError what the store and the runtime throw, and `MODEL_CORRUPT` when the graphs do not fit the layout or the
 * sizes that the description states, or no layout fits them.
 */
export async function placeModelLocally(
  model: ModelSpec,
  store: ModelStore,
  runtime: Runtime,
  options: PlaceModelOptions = {},
): Promise<ModelPlacement> {
  const halves = ["encoder", "decoder"] as const;
  const graphs = await allOrNone(
    halves.map(
      (half) => (signal) => loadGraph(model.files[half], half, store, runtime, { ...options, signal }),
    ),
    options.signal,
    (graph) => graph.dispose(),
  );
  const [encoder, decoder] = graphs as [Graph, Graph];
  try {
    const layout = model.layout === undefined ? detectLayout(encoder, decoder) : findLayout(model.layout);
    layout.check(encoder, decoder);
    checkGraphSizes(model, encoder, decoder);
    const spec: ModelSpec = { ...model, layout: layout.name };
    return {
      model: spec.id,
      everythingDefaults: everythingDefaultsOf(spec),
      encoder: encoderOf(spec, layout, encoder),
      decoder: decoderOf(spec, layout, decoder),
    };
  } catch (error) {
    await Promise.allSettled([encoder.dispose(), decoder.dispose()]);
    throw error;
  }
}

/** Fetches the files of one graph and loads them where `device` says for this half. */
export function loadGraph(
  graph: GraphFile,
  half: "encoder" | "decoder",
  store: ModelStore,
  runtime: Runtime,
  { device, ...options }: PlaceModelOptions,
): Promise<Graph> {
  const wanted = deviceFor(device, half);
  return loadModelGraph(graph, store, runtime, {
    ...options,
    workload: half === "encoder" ? "large" : "small",
    ...(wanted !== undefined && { device: wanted }),
  });
}

export function everythingDefaultsOf(spec: ModelSpec): EverythingDefaults {
  return { preset: spec.family === "sam" ? "sam" : "sam2", thresholds: spec.everything };
}

export function encoderOf(spec: ModelSpec, layout: Layout, graph: Graph): Encoder {
  const fingerprint = modelFingerprint(spec);
  return {
    contractVersion: 1,
    modelFingerprint: fingerprint,
    device: graph.device,
    ...(graph.deviceReport && { deviceReport: graph.deviceReport }),
    async encode(image, options = {}) {
      const imageSize = { width: image.width, height: image.height };
      const fit = fitToFrame(imageSize, spec.image.size, spec.image.resize);
      const tensors = await layout.encode(graph, image, fit, spec, options);
      return { modelFingerprint: fingerprint, imageSize, fit, tensors };
    },
    dispose: () => graph.dispose(),
  };
}

export function decoderOf(spec: ModelSpec, layout: Layout, graph: Graph): Decoder {
  const fingerprint = modelFingerprint(spec);
  const abilities = layout.abilitiesOf?.(graph) ?? layout.abilities;
  return {
    contractVersion: 1,
    modelFingerprint: fingerprint,
    device: graph.device,
    ...(graph.deviceReport && { deviceReport: graph.deviceReport }),
    abilities,
    async decode(embedding, prompts, options = {}) {
      if (embedding.modelFingerprint !== fingerprint) {
        throw new MaskeryError(
          "INVALID_INPUT",
          `embedding: expected one made by ${spec.id}, received another model's`,
        );
      }
      for (const prompt of prompts) checkAbilities(prompt, abilities, layout, spec);
      if (prompts.length === 0) return [];
      // Embeddings never change, and every click is decoded against the same one.
      return layout.decode(
        keepingFeeds(graph, embedding.tensors),
        embedding.tensors,
        embedding.fit,
        prompts,
        spec,
        options,
      );
    },
    dispose: () => graph.dispose(),
  };
}

function checkAbilities(prompt: Prompt, abilities: PromptAbilities, layout: Layout, spec: ModelSpec): void {
  const unsupported =
    (prompt.points.length > 0 && !abilities.points && "points") ||
    (prompt.points.some((point) => point.label === 0) &&
      !abilities.negativePoints &&
      "points with label 0") ||
    (prompt.box && !abilities.boxes && "boxes") ||
    (prompt.mask && !abilities.maskInput && "earlier masks") ||
    (!prompt.box && abilities.needsBox && "prompts without a box");
  if (!unsupported) return;
  throw new MaskeryError(
    "UNSUPPORTED_PROMPT",
    `The model ${spec.id} (layout ${layout.name}) does not take ${unsupported}.`,
  );
}
