import type { ModelStore } from "../../backend/model-store.js";
import type { Graph, Runtime } from "../../backend/runtime.js";
import { invalidInput } from "../../errors.js";
import { checkGraphSizes } from "../../model/check-graph-sizes.js";
import { findLayout } from "../../model/find-layout.js";
import type { Layout } from "../../model/layout.js";
import type { ModelSpec } from "../../model/model-spec.js";
import { decoderOf, encoderOf, loadGraph, type PlaceModelOptions } from "../local-placement.js";
import type { Decoder, Encoder } from "../placement.js";

const nothing: Pick<Graph, "inputs"> = { inputs: [] };

/**
 * Loads the encoder of a model without its decoder, which runs elsewhere. The description must state its layout: it can be found
 * only where both graphs are there.
 * @throws MaskeryError as `placeModelLocally`, and `INVALID_INPUT` for a description without a layout.
 */
export async function localEncoder(
  model: ModelSpec,
  store: ModelStore,
  runtime: Runtime,
  options: PlaceModelOptions = {},
): Promise<Encoder> {
  const layout = statedLayout(model);
  const graph = await loadGraph(model.files.encoder, "encoder", store, runtime, options);
  return whole(graph, () => {
    checkGraphSizes(model, graph, nothing);
    return encoderOf(model, layout, graph);
  });
}

/** As `localEncoder`, for the decoder: each click is answered here, whoever encoded the picture. */
export async function localDecoder(
  model: ModelSpec,
  store: ModelStore,
  runtime: Runtime,
  options: PlaceModelOptions = {},
): Promise<Decoder> {
  const layout = statedLayout(model);
  const graph = await loadGraph(model.files.decoder, "decoder", store, runtime, options);
  return whole(graph, () => {
    checkGraphSizes(model, nothing, graph);
    return decoderOf(model, layout, graph);
  });
}

function statedLayout(model: ModelSpec): Layout {
  if (model.layout !== undefined) return findLayout(model.layout);
  throw invalidInput(
    "model.layout",
    "the name of a layout where only half of the model is loaded",
    undefined,
  );
}

/** A graph that does not suit the description must not stay in memory. */
async function whole<Half>(graph: Graph, make: () => Half): Promise<Half> {
  try {
    return make();
  } catch (error) {
    await graph.dispose();
    throw error;
  }
}
