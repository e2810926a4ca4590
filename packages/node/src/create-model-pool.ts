import { stat } from "node:fs/promises";
import {
  type CallOptions,
  type LocalModel,
  ModelPool,
  type ModelPoolOptions,
  type ModelSource,
  type ModelStore,
  modelFiles,
  type Runtime,
  type SegmenterOptions,
  warmUp,
} from "@maskery/core";
import type { CreateSegmenterOptions } from "./create-segmenter.js";
import { estimateGraphMemory } from "./models/estimate-memory.js";
import { type PlaceModelSettings, placeModel, prepareModel } from "./place-model.js";
import { createNodePlatform } from "./platform.js";
import { createOnnxRuntime } from "./runtime/onnx-runtime.js";

/** One model of a pool: as for `createSegmenter`, without its class and foreground models. */
export type PooledModelOptions = Omit<CreateSegmenterOptions, "signal" | "classModel" | "foregroundModel">;

export interface CreateModelPoolOptions extends ModelPoolOptions {
  /** The models, by the ids under which they are asked for: `{ fast: { model: "nano" }, fine: { model: "sam2.1-tiny" } }`. */
  readonly models: Readonly<Record<string, PooledModelOptions>>;
}

/**
 * A pool of models in this process. A model's memory is estimated: the sizes of its weights files times a measured factor, which
 * depends on their precision. What a run needs beyond that, and the caches of the segmenters, are not counted; the caches have
 * bounds of their own.
 * @throws MaskeryError `INVALID_INPUT` for a budget that is no whole number of bytes.
 */
export function createModelPool({ models, ...poolOptions }: CreateModelPoolOptions): ModelPool {
  const runtime = createOnnxRuntime();
  const sources = Object.entries(models).map(([id, options]) => [id, sourceOf(options, runtime)]);
  return new ModelPool(Object.fromEntries(sources), createNodePlatform(), poolOptions);
}

function sourceOf(options: PooledModelOptions, runtime: Runtime): ModelSource {
  const { settings, segmenterOptions, warm } = splitOptions(options);
  return {
    segmenterOptions,
    async prepare(call) {
      const estimatedBytes = await estimateMemory(settings, runtime, call);
      return {
        estimatedBytes,
        async load(loadCall) {
          const placement = await placeModel(settings, runtime, createNodePlatform(), loadCall);
          if (!warm) return placement;
          try {
            await warmUp(placement, loadCall);
            return placement;
          } catch (error) {
            await Promise.allSettled([placement.encoder.dispose(), placement.decoder.dispose()]);
            throw error;
          }
        },
      };
    },
  };
}

function splitOptions(options: PooledModelOptions): {
  readonly settings: PlaceModelSettings;
  readonly segmenterOptions: SegmenterOptions;
  readonly warm: boolean;
} {
  const { model, precision, acceptLicense, device, threads, remote, onProgress, ...others } = options;
  const { modelDirectory, mirror, offline, warmUp: warm = false, ...segmenterOptions } = others;
  const place = { model, precision, acceptLicense, device, threads, remote, onProgress };
  return { settings: { ...place, modelDirectory, mirror, offline }, segmenterOptions, warm };
}

/** Fetches the files of the halves that run here: not every description says how large they are. */
async function estimateMemory(
  settings: PlaceModelSettings,
  runtime: Runtime,
  call: CallOptions,
): Promise<number> {
  const { remote } = settings;
  const halves = (["encoder", "decoder"] as const).filter((half) => !remote?.[half] || remote.fallback);
  if (halves.length === 0) return 0;
  const { spec, store }: LocalModel = await prepareModel(settings, runtime, call);
  const bytes = await Promise.all(
    halves.map(async (half) => {
      const precision = spec.precision?.[half] ?? "fp32";
      // What becomes of float32 is the same everywhere, so nobody needs to look at devices for it.
      const device = precision === "fp32" ? "cpu" : await deviceOf(half, settings, runtime, call);
      const graph = { files: { [half]: spec.files[half] } };
      return estimateGraphMemory(await weightBytes(graph, store, call), precision, device);
    }),
  );
  return bytes.reduce((sum, size) => sum + size, 0);
}

async function deviceOf(
  half: "encoder" | "decoder",
  { device }: PlaceModelSettings,
  runtime: Runtime,
  { signal }: CallOptions,
): Promise<string | undefined> {
  const wanted = typeof device === "object" ? device[half] : device;
  const chosen = await runtime.chooseDevice?.({
    workload: half === "encoder" ? "large" : "small",
    ...(wanted !== undefined && { device: wanted }),
    ...(signal && { signal }),
  });
  return chosen?.id;
}

async function weightBytes(
  graph: Parameters<typeof modelFiles>[0],
  store: ModelStore,
  call: CallOptions,
): Promise<number> {
  const sizes = await Promise.all(
    modelFiles(graph).map(async (file) => {
      const location = await store.fetch(file, call);
      return location.kind === "bytes" ? location.bytes.byteLength : (await stat(location.path)).size;
    }),
  );
  return sizes.reduce((sum, size) => sum + size, 0);
}
