import type { Graph, GraphRunOptions, Runtime } from "../backend/runtime.js";
import { float32Tensor } from "../backend/tensor.js";
import { slowModel, slowModelSide } from "./onnx-graphs.js";

export interface SlowGraph {
  readonly graph: Graph;
  /** What every run answers. */
  readonly expected: number;
  /** Runs for about so long on this machine; a busy machine makes it longer, never shorter. */
  run(aboutMs: number, options?: GraphRunOptions): Promise<number>;
}

const calibrationRows = 256;
/** 64 MB of feed: enough for half a second on the fastest single thread we know. */
const mostRows = 65_536;

/** Loads {@link slowModel} on one thread and measures how many rows it multiplies in a millisecond. */
export async function loadSlowGraph(runtime: Runtime): Promise<SlowGraph> {
  const graph = await runtime.load({ model: { kind: "bytes", bytes: slowModel() } }, { threads: 1 });

  const runRows = async (count: number, options?: GraphRunOptions): Promise<number> => {
    const side = slowModelSide;
    const { mean } = await graph.run(
      {
        rows: float32Tensor(new Float32Array(count * side).fill(1), [count, side]),
        // Averages: ones stay ones, however often they are multiplied.
        matrix: float32Tensor(new Float32Array(side * side).fill(1 / side), [side, side]),
      },
      options,
    );
    return Number(mean?.data[0]);
  };

  await runRows(calibrationRows);
  const start = performance.now();
  await runRows(calibrationRows);
  const rowsPerMs = calibrationRows / (performance.now() - start);

  return {
    graph,
    expected: 1,
    run: (aboutMs, options) =>
      runRows(Math.min(mostRows, Math.max(1, Math.ceil(rowsPerMs * aboutMs))), options),
  };
}
