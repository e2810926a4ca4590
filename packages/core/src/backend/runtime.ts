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

/**
 * What a graph is for. `"large"`: much work in one run, such as encoding a picture. `"small"`: little work in each of many
 * runs that somebody waits for, such as decoding a click; with `"auto"` a runtime may keep it on the processor although an
 * accelerator works.
 */
export type Workload = "large" | "small";

export interface DeviceChoiceOptions extends CallOptions {
  /** One of the runtime's devices, or `"auto"` (the default): the first one that works. */
  readonly device?: string;
  /** Default `"large"`. */
  readonly workload?: Workload;
}

export interface GraphLoadOptions extends DeviceChoiceOptions {
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
  /**
   * Names of feeds whose `data` the caller promises never to change again, not even after the call: an embedding that every
   * click is decoded against. A runtime may keep a copy where the graph runs and recognise the array by identity, so that
   * later runs send nothing. **A changed array may silently be read as it was.** What `transfer` gives away cannot be kept.
   * Default: none.
   */
  readonly keep?: readonly string[];
}

/** A device as the runtime names it, for example `cpu`. */
export interface RuntimeDevice {
  readonly id: string;
  readonly title: string;
}

/** A device that was settled on, before any graph is loaded there. */
export interface ChosenDevice extends RuntimeDevice {
  /** Whether weights in half precision give right results here and are the faster ones. */
  readonly prefersHalfPrecision: boolean;
}

/** One device that was considered, and what came of it. */
export interface DeviceTrial {
  readonly device: string;
  /** `"skipped"`: known to be of no use without an attempt. */
  readonly outcome: "taken" | "failed" | "skipped";
  /** Why, in a sentence for people. */
  readonly reason: string;
}

/** How a graph came to its device. */
export interface DeviceReport {
  /** What was asked for. */
  readonly wanted: string;
  readonly taken: string;
  /** In the order of the attempts; the last one is the device that was taken. */
  readonly trials: readonly DeviceTrial[];
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
  /**
   * Settles where `load` would put a graph, as far as that shows without the graph: to choose files that suit the device.
   * Absent in runtimes with one device.
   * @throws MaskeryError `DEVICE_UNAVAILABLE` when the named device cannot run here, `DISPOSED`, `ABORTED`.
   */
  chooseDevice?(options?: DeviceChoiceOptions): Promise<ChosenDevice>;
  /** Disposes every graph that is still loaded. Safe to call twice. */
  dispose(): Promise<void>;
}

/** One loaded graph. Calls may overlap: they run in order, and one failure does not touch the next. */
export interface Graph {
  readonly device: string;
  /** How the graph came to its device, where the runtime had a choice. */
  readonly deviceReport?: DeviceReport;
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
