import type { CallOptions } from "../../cancellation.js";
import type { ModelPlacement } from "../placement.js";
import type { PlacedDevices } from "./pooled-model.js";

/** Runs work with the model in place, which stays there until the work is done. */
export type UseModel = <Answer>(
  work: (placement: ModelPlacement) => Promise<Answer>,
  options: CallOptions,
) => Promise<Answer>;

/**
 * A placement that lasts while the model behind it comes and goes: every call brings it back where it was unloaded.
 * @param now - The model as it was loaded first; says what never changes.
 * @param devices - Where it ran when it was loaded last, which may be another place each time.
 * @param dispose - Called when both halves are let go.
 */
export function pooledPlacement(
  now: ModelPlacement,
  devices: () => PlacedDevices,
  use: UseModel,
  dispose: () => void,
): ModelPlacement {
  const left = new Set(["encoder", "decoder"]);
  const letGo = async (half: "encoder" | "decoder") => {
    if (left.delete(half) && left.size === 0) dispose();
  };
  const { encoder, decoder } = now;
  return {
    model: now.model,
    everythingDefaults: now.everythingDefaults,
    encoder: {
      contractVersion: 1,
      modelFingerprint: encoder.modelFingerprint,
      get device() {
        return devices().encoder.device;
      },
      get deviceReport() {
        return devices().encoder.deviceReport;
      },
      encode: (image, options = {}) => use((placement) => placement.encoder.encode(image, options), options),
      dispose: () => letGo("encoder"),
    },
    decoder: {
      contractVersion: 1,
      modelFingerprint: decoder.modelFingerprint,
      get device() {
        return devices().decoder.device;
      },
      get deviceReport() {
        return devices().decoder.deviceReport;
      },
      abilities: decoder.abilities,
      decode: (embedding, prompts, options = {}) =>
        use((placement) => placement.decoder.decode(embedding, prompts, options), options),
      dispose: () => letGo("decoder"),
    },
  };
}
