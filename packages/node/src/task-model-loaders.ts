import {
  type ClassModel,
  type DeviceChoice,
  type ForegroundModel,
  type ModelLoader,
  type ModelStore,
  type PrecisionChoice,
  type Runtime,
  requireAcceptedLicense,
} from "@maskery/core";
import type { ClassModelSpec, ForegroundModelSpec } from "@maskery/core/classes";
import { findTaskModel, type TaskModelSpec, type TaskModels } from "./find-task-model.js";
import { chooseFiles } from "./models/choose-files.js";
import { type ModelProgressListener, reportProgress } from "./models/model-progress.js";
import { createModelStore } from "./models/model-store.js";
import type { ModelStoreOptions } from "./models/store-settings.js";

/** What the models of all tasks in one segmenter share. */
export interface TaskModelSettings extends ModelStoreOptions {
  readonly runtime: Runtime;
  readonly acceptLicense?: boolean | undefined;
  readonly device?: DeviceChoice | undefined;
  readonly precision?: PrecisionChoice | undefined;
  readonly threads?: number | undefined;
  readonly onProgress?: ModelProgressListener | undefined;
}

/** Loads the model behind `segmenter.classes`. The code for it is imported then too. */
export function classModelLoader(
  model: string | ClassModelSpec,
  settings: TaskModelSettings,
): ModelLoader<ClassModel> {
  return async ({ signal }) => {
    const { classCatalogue, parseClassModelSpec, placeClassModel } = await import("@maskery/core/classes");
    const models = { field: "classModel", catalogue: classCatalogue, parse: parseClassModelSpec };
    const { spec, store, options } = await prepare(model, models, settings, signal);
    return placeClassModel(spec, store, settings.runtime, options);
  };
}

/** Loads the model behind `segmenter.foreground`. The code for it is imported then too. */
export function foregroundModelLoader(
  model: string | ForegroundModelSpec,
  settings: TaskModelSettings,
): ModelLoader<ForegroundModel> {
  return async ({ signal }) => {
    const { foregroundCatalogue, parseForegroundModelSpec, placeForegroundModel } = await import(
      "@maskery/core/classes"
    );
    const models = {
      field: "foregroundModel",
      catalogue: foregroundCatalogue,
      parse: parseForegroundModelSpec,
    };
    const { spec, store, options } = await prepare(model, models, settings, signal);
    return placeForegroundModel(spec, store, settings.runtime, options);
  };
}

async function prepare<Spec extends TaskModelSpec>(
  model: string | Spec,
  models: TaskModels<Spec>,
  settings: TaskModelSettings,
  signal: AbortSignal | undefined,
) {
  const { runtime, acceptLicense, threads, onProgress, modelDirectory, mirror, offline } = settings;
  const { spec, folder } = await findTaskModel(model, models, { signal, modelDirectory });
  requireAcceptedLicense(spec, acceptLicense);
  const device = typeof settings.device === "object" ? settings.device.encoder : settings.device;
  // A precision for each half of the promptable model says nothing about this one.
  const precision =
    typeof settings.precision === "string" ? await precisionOf(spec, settings.precision) : "auto";
  const chosen = await chooseFiles(spec, folder, runtime, { precision, device, signal });
  const files = createModelStore(chosen, { folder, modelDirectory, mirror, offline });
  const store: ModelStore = reportProgress(files, chosen, onProgress);
  const options = {
    signal,
    ...(device !== undefined && { device }),
    ...(threads !== undefined && { threads }),
  };
  return { spec: chosen, store, options };
}

/** The precision that was named for the promptable model, where this one has it too. */
async function precisionOf(spec: TaskModelSpec, wanted: PrecisionChoice): Promise<PrecisionChoice> {
  const { availablePrecisions } = await import("@maskery/core/classes");
  const known: readonly string[] = availablePrecisions(spec, "model");
  return typeof wanted === "string" && known.includes(wanted) ? wanted : "auto";
}
