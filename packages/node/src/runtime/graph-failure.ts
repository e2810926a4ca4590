import { MaskeryError } from "@maskery/core";
import type { GraphFailure } from "./graph-protocol.js";

/** How the engine and V8 say that memory ran out. */
const outOfMemoryPattern = /bad_alloc|out of memory|failed to allocate|allocation failed|ENOMEM/i;

/** How the engine says that a device, rather than the graph, is the trouble. The processor never is. */
const deviceTroublePattern =
  /execution ?provider|backend not found|no available backend|shared library|CUDA|TensorRT|DirectML|CoreML|WebGPU|Vulkan/i;

/** Turns what a graph worker reported into the error that the contract of `Runtime` and `Graph` promises. */
export function graphFailureError(failure: GraphFailure, model: string, device: string): MaskeryError {
  const cause = new Error(failure.message);
  if (outOfMemoryPattern.test(failure.message)) {
    return new MaskeryError("OUT_OF_MEMORY", `${model}: not enough memory (${failure.message})`, { cause });
  }
  if (failure.stage === "run") {
    return new MaskeryError("INFERENCE_FAILED", `${model}: the run failed: ${failure.message}`, { cause });
  }
  if (failure.stage === "engine") {
    return new MaskeryError("DEVICE_UNAVAILABLE", engineMessage(failure), { cause });
  }
  if (device !== "cpu" && deviceTroublePattern.test(failure.message)) {
    return new MaskeryError(
      "DEVICE_UNAVAILABLE",
      `device: expected one that works here, received "${device}" (${failure.message})`,
      {
        cause,
        field: "device",
      },
    );
  }
  const where = device === "cpu" ? "" : ` on the device "${device}"`;
  return new MaskeryError(
    "MODEL_CORRUPT",
    `${model}: expected a usable ONNX graph${where}: ${failure.message}`,
    {
      cause,
    },
  );
}

function engineMessage({ code, message }: GraphFailure): string {
  const missing = code === "ERR_MODULE_NOT_FOUND" || code === "MODULE_NOT_FOUND";
  return missing
    ? `onnxruntime-node is not installed for ${process.platform}-${process.arch}: npm install onnxruntime-node (${message})`
    : `onnxruntime-node could not be loaded: ${message}`;
}

/** The error for calls that a worker took down with it. */
export function workerStoppedError(model: string, cause: unknown): MaskeryError {
  const code = typeof cause === "object" && cause !== null && "code" in cause ? cause.code : undefined;
  return code === "ERR_WORKER_OUT_OF_MEMORY"
    ? new MaskeryError(
        "OUT_OF_MEMORY",
        `${model}: the worker ran out of memory; the next run starts a new one`,
        { cause },
      )
    : new MaskeryError("INFERENCE_FAILED", `${model}: the worker stopped; the next run starts a new one`, {
        cause,
      });
}
