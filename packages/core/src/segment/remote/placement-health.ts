import type { CallOptions } from "../../cancellation.js";
import type { PlacementHealth } from "./protocol.js";
import { overConnection } from "./remote-half.js";
import type { RemoteOptions } from "./remote-options.js";

/**
 * Asks a placement on another machine how it is, and keeps no connection.
 * @throws MaskeryError `CONFLICT` when another model is there than `modelFingerprint` says; as `remoteEncoder`.
 */
export async function placementHealth(options: RemoteOptions & CallOptions): Promise<PlacementHealth> {
  return overConnection(options, "remote", ({ client, health }) => {
    client.close();
    return health;
  });
}
