import type { CallOptions } from "../../cancellation.js";
import type { AnswerReader } from "./placement-client.js";
import { MODEL_HEADER, type PlacementHealth, PRECISION_HEADER } from "./protocol.js";
import { askHealth, connectRemote, type RemoteConnection } from "./remote-connection.js";
import type { RemoteOptions } from "./remote-options.js";

/** What an encoder and a decoder on another machine have in common. */
export interface RemoteHalf {
  readonly contractVersion: 1;
  readonly modelFingerprint: string;
  readonly device: string;
  /** What the server said when the connection was made. */
  readonly served: PlacementHealth;
  /** Asks the server how it is. @throws MaskeryError as the half's own calls. */
  health(options?: CallOptions): Promise<PlacementHealth>;
  /** Safe to call twice. */
  dispose(): Promise<void>;
}

/** @param device - The one at the server. */
export function remoteHalf({ client, health }: RemoteConnection, device: string): RemoteHalf {
  return {
    contractVersion: 1,
    modelFingerprint: health.modelFingerprint,
    device: `${device} at ${client.host}`,
    served: health,
    health: (call = {}) => askHealth(client, call),
    async dispose() {
      client.close();
    },
  };
}

/** What goes to one half, and as what the answer is to come. */
export interface HalfQuestion {
  readonly path: "encode" | "decode";
  readonly mediaType: string;
  readonly accept: string;
  readonly body: Uint8Array<ArrayBuffer>;
}

/** Asks a half, naming the model that must be there. @throws MaskeryError as `PlacementClient.ask`. */
export function askHalf<Value>(
  { client, options, health }: RemoteConnection,
  { path, mediaType, accept, body }: HalfQuestion,
  read: AnswerReader<Value>,
  call: CallOptions,
): Promise<Value> {
  const headers = {
    "content-type": mediaType,
    accept,
    [MODEL_HEADER]: encodeURIComponent(health.modelFingerprint),
    [PRECISION_HEADER]: options.precision,
  };
  return client.ask({ method: "POST", path, headers, body }, read, call);
}

/**
 * Connects, and makes something of the connection.
 * @param name - Of the options, for messages.
 * @throws MaskeryError as `connectRemote`, and what `make` throws; the connection is closed then.
 */
export async function overConnection<Made>(
  { signal, ...remote }: RemoteOptions & CallOptions,
  name: string,
  make: (connection: RemoteConnection) => Made,
): Promise<Made> {
  const connection = await connectRemote(remote, name, { signal });
  try {
    return make(connection);
  } catch (error) {
    connection.client.close();
    throw error;
  }
}
