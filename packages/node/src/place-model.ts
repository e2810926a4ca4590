import {
  type CallOptions,
  type DeviceChoice,
  type LocalModel,
  type ModelPlacement,
  type ModelSpec,
  type Platform,
  type PrecisionChoice,
  placeModelLocally,
  placeRemoteHalves,
  type RemoteHalves,
  type Runtime,
  requireAcceptedLicense,
} from "@maskery/core";
import { BUILT_IN_MODEL } from "./built-in-model.js";
import { findModel } from "./find-model.js";
import { chooseFiles } from "./models/choose-files.js";
import { type ModelProgressListener, reportProgress } from "./models/model-progress.js";
import { createModelStore } from "./models/model-store.js";
import type { ModelStoreOptions } from "./models/store-settings.js";

/** Which model, and where its halves run; `CreateSegmenterOptions` says what each means. */
export interface PlaceModelSettings extends ModelStoreOptions {
  readonly model?: string | ModelSpec | undefined;
  readonly precision?: PrecisionChoice | undefined;
  readonly acceptLicense?: boolean | undefined;
  readonly device?: DeviceChoice | undefined;
  readonly threads?: number | undefined;
  readonly onProgress?: ModelProgressListener | undefined;
  readonly remote?: RemoteHalves | undefined;
}

/** Finds a model and settles which files of it are used. Nothing is loaded, and nothing downloaded yet. */
export async function prepareModel(
  settings: PlaceModelSettings,
  runtime: Runtime,
  { signal }: CallOptions,
): Promise<LocalModel> {
  const { model = BUILT_IN_MODEL, precision, acceptLicense, device, onProgress } = settings;
  const { modelDirectory, mirror, offline } = settings;
  const { spec, folder } = await findModel(model, { signal, modelDirectory });
  requireAcceptedLicense(spec, acceptLicense);
  const encoderDevice = typeof device === "object" ? device?.encoder : device;
  const chosen = await chooseFiles(spec, folder, runtime, { precision, device: encoderDevice, signal });
  const store = createModelStore(chosen, { folder, modelDirectory, mirror, offline });
  return { spec: chosen, store: reportProgress(store, chosen, onProgress), runtime };
}

/** Loads a model where `settings` say: here, elsewhere, or one half in each place. */
export async function placeModel(
  settings: PlaceModelSettings,
  runtime: Runtime,
  platform: Platform,
  { signal }: CallOptions,
): Promise<ModelPlacement> {
  if (settings.remote !== undefined) {
    const local = (call: CallOptions) => prepareModel(settings, runtime, call);
    return placeRemoteHalves(settings.remote, local, platform, placeOptions(settings, { signal }));
  }
  const { spec, store } = await prepareModel(settings, runtime, { signal });
  return placeModelLocally(spec, store, runtime, placeOptions(settings, { signal }));
}

export function placeOptions({ device, threads }: PlaceModelSettings, { signal }: CallOptions) {
  return {
    ...(signal && { signal }),
    ...(device !== undefined && { device }),
    ...(threads !== undefined && { threads }),
  };
}
