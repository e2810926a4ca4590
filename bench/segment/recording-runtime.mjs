// @ts-check
/** @import { Graph, NamedTensors, Runtime, Tensor } from "@maskery/node" */

/**
 * A runtime that passes everything on and keeps a copy of the last feeds of each graph, in loading order.
 * @param {Runtime} runtime
 * @returns {{ runtime: Runtime, feedsByGraph: NamedTensors[] }}
 */
export function recordFeeds(runtime) {
  /** @type {NamedTensors[]} */
  const feedsByGraph = [];
  return {
    feedsByGraph,
    runtime: {
      ...runtime,
      async load(files, options) {
        const index = feedsByGraph.push({}) - 1;
        const graph = await runtime.load(files, options);
        /** @type {Graph} */
        const recording = {
          ...graph,
          device: graph.device,
          inputs: graph.inputs,
          outputs: graph.outputs,
          run(feeds, runOptions) {
            feedsByGraph[index] = Object.fromEntries(
              Object.entries(feeds).map(([name, tensor]) => [name, copy(tensor)]),
            );
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
