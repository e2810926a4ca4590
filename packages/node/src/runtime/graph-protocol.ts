import type { Tensor } from "@maskery/core";

/** What a graph worker is started with: where the files are, and how to run them. */
export interface GraphWorkerSetup {
  /** A path, or the model's bytes. */
  readonly model: string | Uint8Array;
  /** ONNX external data that does not lie beside the model under its own name. */
  readonly externalData: readonly { readonly name: string; readonly source: string | Uint8Array }[];
  /** Where external data lies that a model given as bytes names by itself. */
  readonly externalFolder?: string;
  /** Names as onnxruntime knows them, best first. */
  readonly executionProviders: readonly string[];
  readonly threads: number;
  /** Whether the engine keeps freed memory for the next run, rather than giving it back. */
  readonly memoryArena: boolean;
  /** Whether the engine plans one block of memory for a whole run. */
  readonly memoryPattern: boolean;
  /**
   * One number in shared memory: requests that the worker has not answered yet, loading and stopping
   * included. The application's thread raises it, the worker lowers it and notifies (see exit-guard.ts).
   */
  readonly callsUnderWay: Int32Array;
}

/** A feed that comes along, perhaps to stay under a number; or one that stayed earlier. */
export type PackedFeed =
  | { readonly tensor: Tensor; readonly keepAs?: number }
  | { readonly kept: number; readonly type: Tensor["type"]; readonly dims: readonly number[] };

/**
 * One run. A worker gets the next run only after it has answered the last one, so requests carry no number.
 */
export interface GraphRunRequest {
  readonly kind: "run";
  readonly feeds: readonly (readonly [name: string, feed: PackedFeed])[];
  readonly outputs: readonly string[];
  /** Feeds that need not stay any longer. */
  readonly forget: readonly number[];
}

/** Feeds that need not stay any longer, outside a run. Not answered. */
export interface GraphForgetRequest {
  readonly kind: "forget";
  readonly feeds: readonly number[];
}

/** Asks the worker to free its session and to end by itself, when it is through with what it does now. */
export interface GraphStopRequest {
  readonly kind: "stop";
}

export type GraphWorkerRequest = GraphRunRequest | GraphForgetRequest | GraphStopRequest;

/** An input or output as onnxruntime describes it: the type may be one that the SDK does not carry. */
export interface EngineTensorInfo {
  readonly name: string;
  readonly type: string;
  readonly dims: readonly (number | null)[];
}

/** Where a failure happened: while the engine itself was loaded, while the graph was, or in a run. */
export type GraphFailureStage = "engine" | "load" | "run";

export interface GraphFailure {
  readonly kind: "failed";
  readonly stage: GraphFailureStage;
  readonly message: string;
  /** The `code` of a Node error, where there is one. */
  readonly code: string | undefined;
}

/** What a worker answers: one `ready` (or failure) at the start, then one message for each run. */
export type GraphWorkerReply =
  | {
      readonly kind: "ready";
      readonly inputs: readonly EngineTensorInfo[];
      readonly outputs: readonly EngineTensorInfo[];
      /** Devices that the engine is built with, by its own names. */
      readonly backends: readonly string[];
    }
  | { readonly kind: "outputs"; readonly outputs: readonly (readonly [name: string, tensor: Tensor])[] }
  | GraphFailure;
