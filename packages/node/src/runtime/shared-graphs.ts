import { type Graph, throwIfAborted, waitUnlessAborted } from "@maskery/core";
import type { OnnxGraph } from "./onnx-graph.js";

interface Entry {
  readonly loading: Promise<OnnxGraph>;
  readonly controller: AbortController;
  /** Set when it is through. */
  graph: OnnxGraph | undefined;
  /** Calls that want a handle and do not have it yet. */
  waiting: number;
}

/** Graphs that several loads of equal files share, by a key that says what makes them equal. */
export interface SharedGraphs {
  /**
   * A handle on the graph of that key: an existing one's, or of a new one. A load that others wait for too goes on when one
   * of them leaves; when the last one leaves, it is aborted.
   */
  load(
    key: string,
    signal: AbortSignal | undefined,
    load: (signal: AbortSignal) => Promise<OnnxGraph>,
  ): Promise<Graph>;
}

export function createSharedGraphs(): SharedGraphs {
  const entries = new Map<string, Entry>();

  const forget = (key: string, entry: Entry) => {
    if (entries.get(key) === entry) entries.delete(key);
  };

  const start = (key: string, load: (signal: AbortSignal) => Promise<OnnxGraph>): Entry => {
    const controller = new AbortController();
    const entry: Entry = { loading: load(controller.signal), controller, graph: undefined, waiting: 0 };
    entries.set(key, entry);
    entry.loading.then(
      (graph) => {
        entry.graph = graph;
        if (entry.waiting === 0) disposeUnheld(graph);
      },
      () => forget(key, entry),
    );
    return entry;
  };

  const leave = (key: string, entry: Entry) => {
    if (--entry.waiting > 0) return;
    if (entry.graph) {
      disposeUnheld(entry.graph);
    } else {
      // A newcomer must start afresh instead of joining an aborted load.
      forget(key, entry);
      entry.controller.abort();
    }
  };

  return {
    async load(key, signal, load) {
      throwIfAborted(signal);
      for (;;) {
        const entry = entries.get(key) ?? start(key, load);
        entry.waiting++;
        try {
          const graph = await waitUnlessAborted(entry.loading, signal);
          if (graph.alive) return graph.handle();
          // Its last holder let go of it before this call was told.
          forget(key, entry);
        } finally {
          leave(key, entry);
        }
      }
    },
  };
}

function disposeUnheld(graph: OnnxGraph): void {
  if (graph.alive && !graph.held) void graph.handle().dispose();
}
