import type { LayoutModel } from "@maskery/core/testing";
import { type OurModel, ourModel } from "./our-model.js";
import { type ReferenceModel, referenceModel } from "./reference-model.js";

/** The same graphs in the SDK and in transformers.js. */
export interface ModelPair {
  readonly maskery: OurModel;
  readonly reference: ReferenceModel;
  dispose(): Promise<void>;
}

/** @param config - The hub repository's `config.json`; `preprocessorConfig` likewise. */
export async function modelPair(
  model: LayoutModel,
  config: object,
  preprocessorConfig: object,
): Promise<ModelPair> {
  const reference = await referenceModel(model, config, preprocessorConfig);
  const maskery = await ourModel(model);
  return {
    maskery,
    reference,
    async dispose() {
      await Promise.all([maskery.dispose(), reference.dispose()]);
    },
  };
}
