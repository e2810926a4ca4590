import type { Platform } from "../../backend/platform.js";
import type { CallOptions } from "../../cancellation.js";
import { invalidInput } from "../../errors.js";
import type { RgbaImage } from "../../image/rgba-image.js";
import type { Embedding } from "../embedding.js";
import { EMBEDDING_MEDIA_TYPE, readEmbedding } from "../embedding-format.js";
import type { Encoder } from "../placement.js";
import { rememberReference } from "./embedding-references.js";
import { writePixels } from "./pixels-message.js";
import type { PlacementAnswer } from "./placement-client.js";
import { EMBEDDING_HEADER, PIXELS_MEDIA_TYPE } from "./protocol.js";
import { checkSameModel, type RemoteConnection, requireHalf } from "./remote-connection.js";
import { askHalf, overConnection, type RemoteHalf, remoteHalf } from "./remote-half.js";
import type { RemoteOptions } from "./remote-options.js";

export interface RemoteEncoder extends Encoder, RemoteHalf {
  readonly contractVersion: 1;
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
  return overConnection(options, "remote.encoder", (connection) => encoderOver(connection, platform));
}

export function encoderOver(connection: RemoteConnection, platform: Platform): RemoteEncoder {
  const { client, options, health } = connection;
  const { device } = requireHalf(health.encoder, "an encoder", client.host);

  const embeddingOf = async ({ bytes, headers }: PlacementAnswer, image: RgbaImage): Promise<Embedding> => {
    const embedding = await readEmbedding(bytes, platform);
    checkSameModel(client.host, health.modelFingerprint, embedding.modelFingerprint);
    const { width, height } = embedding.imageSize;
    if (width !== image.width || height !== image.height) {
      const expected = `one of a picture of ${image.width} × ${image.height}`;
      throw invalidInput("embedding", expected, `${width} × ${height}`);
    }
    const reference = headers.get(EMBEDDING_HEADER);
    if (reference !== null) rememberReference(embedding, reference);
    return embedding;
  };

  return {
    ...remoteHalf(connection, device),
    async encode(image, call = {}) {
      const packed = await packPicture(image, options.pictureFormat, platform, call);
      return askHalf(
        connection,
        { path: "encode", accept: EMBEDDING_MEDIA_TYPE, ...packed },
        (answer) => embeddingOf(answer, image),
        call,
      );
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
