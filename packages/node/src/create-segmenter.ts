import {
  abortError,
  type CallOptions,
  type DeviceChoice,
  type ModelSpec,
  type PrecisionChoice,
  type RemoteHalves,
  Segmenter,
  type SegmenterOptions,
  warmUp as warmUpModel,
} from "@maskery/core";
import type { ClassModelSpec, ForegroundModelSpec } from "@maskery/core/classes";
import { loadSharp } from "./image/load-sharp.js";
import type { ModelProgressListener } from "./models/model-progress.js";
import type { ModelStoreOptions } from "./models/store-settings.js";
import { placeModel } from "./place-model.js";
import { createNodePlatform } from "./platform.js";
import { createOnnxRuntime } from "./runtime/onnx-runtime.js";
import { classModelLoader, foregroundModelLoader } from "./task-model-loaders.js";

export interface CreateSegmenterOptions extends SegmenterOptions, ModelStoreOptions, CallOptions {
  /**
   * Id or alias of a model (`"sam2.1-tiny"`, `"vit_b"`), the path of a folder that holds a `maskery.json`, or a description of
   * one's own. Default `"nano"`, the built-in model. What is not on this machine is downloaded.
   */
  readonly model?: string | ModelSpec;
  /**
   * Which files of the model are used: `"auto"` (default) suits model and device, `"fp16"` and the like where the model has
   * them and does not break, `{ encoder: "fp16", decoder: "fp32" }` exactly.
   */
  readonly precision?: PrecisionChoice;
  /** Says that the terms of a model that asks for it were read and accepted. Default false. */
  readonly acceptLicense?: boolean;
  /**
   * `"auto"` (default): the best device that works, for each half of the model; or a device by name: `"cpu"`, `"cuda"`,
   * `"tensorrt"`, `"directml"`, `"coreml"`, `"webgpu"`; or `{ encoder: "cuda", decoder: "cpu" }`. What was tried and why stands
   * in `segmenter.deviceReport`.
   */
  readonly device?: DeviceChoice;
  /** Threads for one run of the model. Default: what suits this machine. */
  readonly threads?: number;
  /**
   * Runs the model once before the segmenter is given out, so that the first picture is as fast as the next ones: for
   * servers. Default false.
   */
  readonly warmUp?: boolean;
  /**
   * The model behind `segmenter.classes`, which names what it finds: an id (`"detr-panoptic"`), the path of a folder with a
   * `maskery.json`, or a description. Loaded when first asked. Default: none; automatic masks stand in.
   */
  readonly classModel?: string | ClassModelSpec;
  /**
   * The model behind `segmenter.foreground`, which tells the subject from the background: an id (`"u2netp"`), a folder, or a
   * description. Loaded when first asked. Default: none.
   */
  readonly foregroundModel?: string | ForegroundModelSpec;
  /**
   * Halves of the model that run on other machines, over HTTP: `{ encoder: "https://gpu.example/placement" }` encodes there and
   * answers clicks here; see docs/remote.md. Default: all here.
   */
  readonly remote?: RemoteHalves;
  /** Called while the model's files are downloaded, or read and checked. */
  readonly onProgress?: ModelProgressListener;
}

/**
 * Loads a model and makes a segmenter of it. The model runs in worker threads; the calling thread stays free.
 * @throws MaskeryError `MODEL_NOT_FOUND`, `MODEL_UNAVAILABLE` when files cannot be downloaded now, `MODEL_CORRUPT`, `FORBIDDEN`
 * for a model whose terms were not accepted, `STORAGE_FAILED`, `DEVICE_UNAVAILABLE`, `INVALID_INPUT`, `ABORTED`.
 */
export async function createSegmenter(options: CreateSegmenterOptions = {}): Promise<Segmenter> {
  const {
    model,
    precision,
    acceptLicense,
    device,
    threads,
    remote,
    warmUp = false,
    classModel,
    foregroundModel,
    modelDirectory,
    mirror,
    offline,
    onProgress,
    signal,
    ...segmenterOptions
  } = options;
  if (signal?.aborted) throw abortError(signal);
  const runtime = createOnnxRuntime();
  // The thread is free while the workers load the model; so the first picture need not wait for sharp. Should it be missing,
  // the first picture says so.
  loadSharp().catch(() => undefined);
  try {
    const platform = createNodePlatform();
    const settings = {
      model,
      precision,
      acceptLicense,
      device,
      threads,
      remote,
      onProgress,
      modelDirectory,
      mirror,
      offline,
    };
    const placement = await placeModel(settings, runtime, platform, { signal });
    if (warmUp) await warmUpModel(placement, { signal });
    const shared = {
      runtime,
      acceptLicense,
      device,
      precision,
      threads,
      modelDirectory,
      mirror,
      offline,
      onProgress,
    };
    return new Segmenter(placement, platform, {
      ...segmenterOptions,
      ...(classModel !== undefined && { loadClassModel: classModelLoader(classModel, shared) }),
      ...(foregroundModel !== undefined && {
        loadForegroundModel: foregroundModelLoader(foregroundModel, shared),
      }),
    });
  } catch (error) {
    await runtime.dispose();
    throw error;
  }
}
