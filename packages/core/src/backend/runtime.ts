import type { CallOptions } from "../cancellation.js";
import type { NamedTensors, TensorInfo } from "./tensor.js";

/** Where the bytes of a file are. A runtime takes whichever it reads best; a path spares a copy. */
export type FileLocation =
  | { readonly kind: "path"; readonly path: string }
  | { readonly kind: "bytes"; readonly bytes: Uint8Array };

/** The files of one ONNX graph. */
export interface GraphFiles {
  readonly model: FileLocation;
  /** ONNX external data: `name` is the relative file name that the graph itself stores. */
  readonly externalData?: readonly { readonly name: string; readonly location: FileLocation }[];
}

export interface GraphLoadOptions extends CallOptions {
  /** One of the runtime's devices, or `"auto"` (the default): the first one that loads the graph. */
  readonly device?: string;
  /** Threads for one run. Default: the runtime's choice for this machine. */
  readonly threads?: number;
}

export interface GraphRunOptions extends CallOptions {
  /** Names of the outputs to return. Default: all. */
  readonly outputs?: readonly string[];
  /**
   * Names of feeds whose buffers the caller gives away: they may be moved instead of copied and are unusable
   * afterwards. Default: none; feeds stay the caller's.
   */
  readonly transfer?: readonly string[];
}

/** A device as the runtime names it, for example `cpu`. */
export interface RuntimeDevice {
  readonly id: string;
  readonly title: string;
}

/**
 * Runs ONNX graphs and knows nothing about segmentation. Implementations keep the caller's thread free while a graph
 * loads or runs.
 */
export interface Runtime {
  readonly contractVersion: 1;
  /** Name and version of the engine, for reports and cache keys. */
  readonly name: string;
  /** Devices that may work here, best first. */
  readonly devices: readonly RuntimeDevice[];
  /**
   * @throws MaskeryError `MODEL_CORRUPT` when the file is no usable graph, `MODEL_NOT_FOUND` when a path does not exist,
   * `DEVICE_UNAVAILABLE` when the named device cannot run here, `DISPOSED`, `ABORTED`.
   */
  load(files: GraphFiles, options?: GraphLoadOptions): Promise<Graph>;
  /** Disposes every graph that is still loaded. Safe to call twice. */
  dispose(): Promise<void>;
}

/** One loaded graph. Calls may overlap: they run in order, and one failure does not touch the next. */
export interface Graph {
  readonly device: string;
  readonly inputs: readonly TensorInfo[];
  readonly outputs: readonly TensorInfo[];
  /**
   * @param feeds - Stay the caller's unless `transfer` gives them away; they must not change before the call settles.
   * @returns The outputs by name; the caller owns their buffers.
   * @throws MaskeryError `INVALID_INPUT` for a missing or unknown feed, a wrong type or shape; `INFERENCE_FAILED` when the
   * engine fails; `ABORTED` at once when the signal fires, also for a run already under way; `DISPOSED`.
   */
  run(feeds: NamedTensors, options?: GraphRunOptions): Promise<NamedTensors>;
  /** Frees the graph's memory; calls still waiting reject with `DISPOSED`. Safe to call twice. */
  dispose(): Promise<void>;
}
