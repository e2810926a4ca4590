// @ts-check
import { basename } from "node:path";

/** @import { Graph, NamedTensors, Runtime, Tensor } from "@maskery/node" */

/**
 * A runtime that passes everything on and keeps a copy of the last feeds of each graph, by the name of its file.
 * @param {Runtime} runtime
 * @returns {{ runtime: Runtime, feedsByGraph: Map<string, NamedTensors> }}
 */
export function recordFeeds(runtime) {
  /** @type {Map<string, NamedTensors>} */
  const feedsByGraph = new Map();
  return {
    feedsByGraph,
    runtime: {
      ...runtime,
      async load(files, options) {
        if (files.model.kind !== "path") throw new Error("Only graphs from files are recorded.");
        const name = basename(files.model.path);
        const graph = await runtime.load(files, options);
        /** @type {Graph} */
        const recording = {
          ...graph,
          device: graph.device,
          inputs: graph.inputs,
          outputs: graph.outputs,
          run(feeds, runOptions) {
            const copies = Object.entries(feeds).map(([input, tensor]) => [input, copy(tensor)]);
            feedsByGraph.set(name, Object.fromEntries(copies));
            return graph.run(feeds, runOptions);
          },
          dispose: () => graph.dispose(),
        };
        return recording;
      },
    },
  };
}

/**
 * @param {Tensor} tensor
 * @returns {Tensor}
 */
function copy(tensor) {
  return /** @type {Tensor} */ ({ ...tensor, data: tensor.data.slice() });
}
