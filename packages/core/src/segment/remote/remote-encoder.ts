import type { Platform } from "../../backend/platform.js";
import type { CallOptions } from "../../cancellation.js";
import { invalidInput } from "../../errors.js";
import type { RgbaImage } from "../../image/rgba-image.js";
import { EMBEDDING_MEDIA_TYPE, readEmbedding } from "../embedding-format.js";
import type { Encoder } from "../placement.js";
import { rememberReference } from "./embedding-references.js";
import { writePixels } from "./pixels-message.js";
import {
  EMBEDDING_HEADER,
  MODEL_HEADER,
  PIXELS_MEDIA_TYPE,
  type PlacementHealth,
  PRECISION_HEADER,
} from "./protocol.js";
import {
  askHealth,
  checkSameModel,
  connectRemote,
  type RemoteConnection,
  requireHalf,
} from "./remote-connection.js";
import type { RemoteOptions } from "./remote-options.js";

export interface RemoteEncoder extends Encoder {
  /** What the server said when the connection was made. */
  readonly served: PlacementHealth;
  /** Asks the server how it is. @throws MaskeryError as `encode`. */
  health(options?: CallOptions): Promise<PlacementHealth>;
}

/**
 * An encoder on another machine. It is asked now which model it holds; embeddings of the same model made elsewhere are
 * interchangeable with its own.
 * @param platform - Packs pictures and checks hashes.
 * @throws MaskeryError `INVALID_INPUT` naming the option at fault, `CONFLICT` for another model than expected,
 * `UPSTREAM_FAILED`, `TIMEOUT`, `UNAUTHORIZED`, `FORBIDDEN`, `RATE_LIMITED`, `MODEL_UNAVAILABLE`, `ABORTED`. The calls of the
 * encoder throw the same, and `DISPOSED`.
 */
export async function remoteEncoder(
  options: RemoteOptions & CallOptions,
  platform: Platform,
): Promise<RemoteEncoder> {
  const { signal, ...remote } = options;
  const connection = await connectRemote(remote, "remote.encoder", { signal });
  try {
    return encoderOver(connection, platform);
  } catch (error) {
    connection.client.close();
    throw error;
  }
}

export function encoderOver(connection: RemoteConnection, platform: Platform): RemoteEncoder {
  const { client, options, health } = connection;
  const { modelFingerprint } = health;
  const { device } = requireHalf(health.encoder, "an encoder", client.host);
  return {
    contractVersion: 1,
    modelFingerprint,
    device: `${device} at ${client.host}`,
    async encode(image, call = {}) {
      const { body, mediaType } = await packPicture(image, options.pictureFormat, platform, call);
      return client.ask(
        {
          method: "POST",
          path: "encode",
          headers: {
            "content-type": mediaType,
            accept: EMBEDDING_MEDIA_TYPE,
            [MODEL_HEADER]: encodeURIComponent(modelFingerprint),
            [PRECISION_HEADER]: options.precision,
          },
          body,
        },
        async ({ bytes, headers }) => {
          const embedding = await readEmbedding(bytes, platform);
          checkSameModel(client.host, modelFingerprint, embedding.modelFingerprint);
          const { width, height } = embedding.imageSize;
          if (width !== image.width || height !== image.height) {
            const expected = `one of a picture of ${image.width} × ${image.height}`;
            throw invalidInput("embedding", expected, `${width} × ${height}`);
          }
          const reference = headers.get(EMBEDDING_HEADER);
          if (reference !== null) rememberReference(embedding, reference);
          return embedding;
        },
        call,
      );
    },
    served: health,
    health: (call = {}) => askHealth(client, call),
    async dispose() {
      client.close();
    },
  };
}

async function packPicture(
  image: RgbaImage,
  format: "png" | "pixels",
  platform: Platform,
  { signal }: CallOptions,
): Promise<{ readonly body: Uint8Array<ArrayBuffer>; readonly mediaType: string }> {
  if (format === "pixels") return { body: writePixels(image), mediaType: PIXELS_MEDIA_TYPE };
  const png = await platform.codec.encode(image, { format: "png", signal });
  // Codecs give memory of their own, never shared between threads.
  return { body: png as Uint8Array<ArrayBuffer>, mediaType: "image/png" };
}
