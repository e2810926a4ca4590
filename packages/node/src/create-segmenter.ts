import {
  abortError,
  type CallOptions,
  placeModelLocally,
  Segmenter,
  type SegmenterOptions,
} from "@maskery/core";
import { BUILT_IN_MODEL } from "./built-in-model.js";
import { findModel } from "./find-model.js";
import { loadSharp } from "./image/load-sharp.js";
import { createNodePlatform } from "./platform.js";
import { createOnnxRuntime } from "./runtime/onnx-runtime.js";
import { createFolderModelStore } from "./stores/folder-model-store.js";

export interface CreateSegmenterOptions extends SegmenterOptions, CallOptions {
  /** Id of a model, or the path of a folder that holds a `maskery.json`. Default `"nano"`, the built-in model. */
  readonly model?: string;
  /** `"auto"` (default): the first device that works; or a device by name, for example `"cpu"`. */
  readonly device?: string;
  /** Threads for one run of the model. Default: what suits this machine. */
  readonly threads?: number;
}

/**
 * Loads a model and makes a segmenter of it. The model runs in worker threads; the calling thread stays free.
 * @throws MaskeryError `MODEL_NOT_FOUND`, `MODEL_CORRUPT`, `DEVICE_UNAVAILABLE`, `INVALID_INPUT`, `ABORTED`.
 */
export async function createSegmenter(options: CreateSegmenterOptions = {}): Promise<Segmenter> {
  const { model = BUILT_IN_MODEL, device, threads, signal, ...segmenterOptions } = options;
  if (signal?.aborted) throw abortError(signal);
  const { spec, folder } = await findModel(model, { signal });
  const runtime = createOnnxRuntime();
  // The thread is free while the workers load the model; so the first picture need not wait for sharp. Should it be missing,
  // the first picture says so.
  loadSharp().catch(() => undefined);
  try {
    const placement = await placeModelLocally(spec, createFolderModelStore(folder), runtime, {
      signal,
      ...(device !== undefined && { device }),
      ...(threads !== undefined && { threads }),
    });
    return new Segmenter(placement, createNodePlatform(), segmenterOptions);
  } catch (error) {
    await runtime.dispose();
    throw error;
  }
}
