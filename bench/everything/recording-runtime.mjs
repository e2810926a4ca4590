// @ts-check
/** @import { Graph, NamedTensors, Runtime, Tensor } from "@maskery/node" */

/**
 * A runtime that passes everything on and keeps the feeds of every run of the decoder. What a run gives away is copied; what
 * stays the caller's (the embedding) is kept as it is, so that hundreds of runs share it.
 * @param {Runtime} runtime
 */
export function recordDecoderFeeds(runtime) {
  /** @type {NamedTensors[]} */
  const feeds = [];
  let recording = false;
  return {
    /** The feeds of every decoder run between `start` and `stop`. */
    feeds,
    start: () => {
      recording = true;
    },
    stop: () => {
      recording = false;
    },
    /** @type {Runtime} */
    runtime: {
      ...runtime,
      async load(files, options) {
        const graph = await runtime.load(files, options);
        const isDecoder = graph.inputs.some((input) => input.name === "point_coords");
        /** @type {Graph} */
        const watched = {
          device: graph.device,
          inputs: graph.inputs,
          outputs: graph.outputs,
          run(given, runOptions) {
            if (recording && isDecoder) feeds.push(keep(given, runOptions?.transfer ?? []));
            return graph.run(given, runOptions);
          },
          dispose: () => graph.dispose(),
        };
        return watched;
      },
    },
  };
}

/**
 * @param {NamedTensors} feeds
 * @param {readonly string[]} transferred
 * @returns {NamedTensors}
 */
function keep(feeds, transferred) {
  return Object.fromEntries(
    Object.entries(feeds).map(([name, tensor]) => [name, transferred.includes(name) ? copy(tensor) : tensor]),
  );
}

/**
 * @param {Tensor} tensor
 * @returns {Tensor}
 */
function copy(tensor) {
  return /** @type {Tensor} */ ({ ...tensor, data: tensor.data.slice() });
}
