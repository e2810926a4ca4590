import type { Graph, NamedTensors, Runtime } from "@maskery/core";

/** What a graph was fed, by its input names. */
export type Feeds = Readonly<
  Record<string, { readonly dims: readonly number[]; readonly data: ArrayLike<number | bigint> }>
>;

/** A runtime that runs graphs as the given one does, and keeps a copy of what each was fed last. */
export interface RecordedRuntime {
  readonly runtime: Runtime;
  /** Feeds of the last run of the graph that has an input or output of this name. */
  lastRunOf(tensor: string): Feeds;
}

export function recordRuntime(inner: Runtime): RecordedRuntime {
  const lastRuns = new Map<Graph, Feeds>();
  const record = (graph: Graph): Graph => ({
    device: graph.device,
    inputs: graph.inputs,
    outputs: graph.outputs,
    run(feeds, options) {
      lastRuns.set(graph, copyFeeds(feeds));
      return graph.run(feeds, options);
    },
    dispose: () => graph.dispose(),
  });
  return {
    runtime: {
      contractVersion: inner.contractVersion,
      name: inner.name,
      devices: inner.devices,
      load: async (files, options) => record(await inner.load(files, options)),
      dispose: () => inner.dispose(),
    },
    lastRunOf(tensor) {
      for (const [{ inputs, outputs }, feeds] of lastRuns) {
        if ([...inputs, ...outputs].some(({ name }) => name === tensor)) return feeds;
      }
      throw new Error(`No graph with ${tensor} has run.`);
    },
  };
}

/** Copies, because the caller may give buffers away. */
function copyFeeds(feeds: NamedTensors): Feeds {
  return Object.fromEntries(
    Object.entries(feeds).map(([name, { dims, data }]) => [name, { dims: [...dims], data: data.slice() }]),
  );
}
