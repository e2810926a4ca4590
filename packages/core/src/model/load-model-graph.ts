import { allOrNone } from "../all-or-none.js";
import { withFloat32Tensors } from "../backend/float32-graph.js";
import type { ModelStore } from "../backend/model-store.js";
import type { Graph, GraphLoadOptions, Runtime } from "../backend/runtime.js";
import { externalDataFiles, type GraphFile } from "./model-files.js";

/**
 * Fetches one graph of a model, with the weights that lie beside it, and loads it. When one file fails, the others are not
 * fetched to their end.
 * @throws MaskeryError what the store and the runtime throw.
 */
export async function loadModelGraph(
  file: GraphFile,
  store: ModelStore,
  runtime: Runtime,
  options: GraphLoadOptions,
): Promise<Graph> {
  const external = externalDataFiles(file);
  const wanted = [file, ...external.map(({ file: data }) => data)];
  const [model, ...sidecars] = await allOrNone(
    wanted.map((each) => (signal) => store.fetch(each, { signal })),
    options.signal,
  );
  const externalData = external.map(({ nameInGraph }, index) => ({
    name: nameInGraph,
    location: sidecars[index]!,
  }));
  const files = externalData.length === 0 ? { model: model! } : { model: model!, externalData };
  return withFloat32Tensors(await runtime.load(files, options));
}
