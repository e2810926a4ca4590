import type { Graph } from "./runtime.js";
import type { NamedTensors } from "./tensor.js";

/**
 * A graph whose runs keep those feeds that are tensors of `lasting`, whatever name they go by: an embedding then crosses to
 * where the graph runs once, and not with every click.
 * @param lasting - Tensors whose data never changes again.
 */
export function keepingFeeds(graph: Graph, lasting: NamedTensors): Graph {
  const arrays = new Set(Object.values(lasting).map(({ data }) => data));
  return {
    ...graph,
    run: (feeds, options = {}) => {
      const keep = Object.keys(feeds).filter((name) => arrays.has(feeds[name]!.data));
      return graph.run(feeds, { ...options, keep: [...(options.keep ?? []), ...keep] });
    },
  };
}
