import type { Platform } from "../../backend/platform.js";
import type { CallOptions } from "../../cancellation.js";
import type { ModelPlacement } from "../placement.js";
import { decoderOver } from "./remote-decoder.js";
import { encoderOver } from "./remote-encoder.js";
import { overConnection } from "./remote-half.js";
import type { RemoteOptions } from "./remote-options.js";

/**
 * Both halves of a model on one other machine; for `new Segmenter(placement, platform)`.
 * @throws MaskeryError as `remoteEncoder`.
 */
export async function remotePlacement(
  options: RemoteOptions & CallOptions,
  platform: Platform,
): Promise<ModelPlacement> {
  return overConnection(options, "remote", (connection) => {
    const { model, everythingDefaults } = connection.health;
    return {
      model,
      ...(everythingDefaults && { everythingDefaults }),
      encoder: encoderOver(connection, platform),
      decoder: decoderOver(connection, platform),
    };
  });
}
