import type { CallOptions } from "../../cancellation.js";
import { invalidInput, MaskeryError } from "../../errors.js";
import { schemaError } from "../../schema-error.js";
import { PlacementClient } from "./placement-client.js";
import { type PlacementHealth, placementHealthSchema } from "./protocol.js";
import { type RemoteOptions, type ResolvedRemoteOptions, resolveRemoteOptions } from "./remote-options.js";

/** A placement that answered, and the client that asks it. */
export interface RemoteConnection {
  readonly options: ResolvedRemoteOptions;
  readonly client: PlacementClient;
  readonly health: PlacementHealth;
}

/**
 * Asks a placement which model it holds.
 * @throws MaskeryError `CONFLICT` when another model is there than `modelFingerprint` says; as `PlacementClient.ask`.
 */
export async function connectRemote(
  options: RemoteOptions,
  name: string,
  call: CallOptions,
): Promise<RemoteConnection> {
  const resolved = resolveRemoteOptions(options, name);
  const client = new PlacementClient(resolved);
  try {
    const health = await askHealth(client, call);
    const { modelFingerprint: expected } = resolved;
    if (expected !== undefined) checkSameModel(client.host, expected, health.modelFingerprint);
    return { options: resolved, client, health };
  } catch (error) {
    client.close();
    throw error;
  }
}

export function askHealth(client: PlacementClient, call: CallOptions): Promise<PlacementHealth> {
  return client.ask(
    { method: "GET", path: "health" },
    ({ bytes }) => {
      let answer: unknown;
      try {
        answer = JSON.parse(new TextDecoder().decode(bytes));
      } catch (cause) {
        throw invalidInput("health", "JSON", bytes, cause);
      }
      const parsed = placementHealthSchema.safeParse(answer);
      if (!parsed.success) throw schemaError(parsed.error, answer, "health");
      return parsed.data;
    },
    call,
  );
}

/** @throws MaskeryError `CONFLICT` naming both fingerprints. */
export function checkSameModel(where: string, expected: string, received: string): void {
  if (expected === received) return;
  throw new MaskeryError(
    "CONFLICT",
    `${where}: expected the model with the fingerprint ${expected}, received ${received}`,
    { field: "modelFingerprint" },
  );
}

/** @throws MaskeryError `MODEL_UNAVAILABLE`: the server holds the other half only. */
export function requireHalf<Half>(half: Half | undefined, name: string, host: string): Half {
  if (half !== undefined) return half;
  throw new MaskeryError(
    "MODEL_UNAVAILABLE",
    `${host}: expected a placement with ${name}, received one without`,
  );
}
