import { defaultImageLimits, type ImageLimits } from "../../backend/image-codec.js";
import type { Platform } from "../../backend/platform.js";
import type { CallOptions } from "../../cancellation.js";
import { invalidInput, MaskeryError } from "../../errors.js";
import type { ImageSize, RgbaImage } from "../../image/rgba-image.js";
import { EMBEDDING_MEDIA_TYPE } from "../embedding-format.js";
import { readPixels } from "./pixels-message.js";
import {
  checkPlacementRequest,
  mediaTypeOf,
  precisionOf,
  requireMediaType,
  unsupportedMediaType,
} from "./placement-request.js";
import { writePlanes } from "./planes-message.js";
import { readPrompts } from "./prompts-message.js";
import {
  EMBEDDING_HEADER,
  PIXELS_MEDIA_TYPE,
  PLACEMENT_PROTOCOL_VERSION,
  PLANES_MEDIA_TYPE,
  type PlacementHealth,
  PROMPTS_MEDIA_TYPE,
  PROTOCOL_HEADER,
  type ServedPlacement,
} from "./protocol.js";
import { readBytes } from "./read-bytes.js";
import { ServedEmbeddings } from "./served-embeddings.js";

export interface PlacementRoutesOptions {
  /** Bounds on pictures; `maxBytes` is also that of every request's body. Default: 256 MiB, 50 million pixels. */
  readonly limits?: ImageLimits;
  /** Bytes of embeddings that are kept for later prompts. 0 keeps none. Default 512 MiB. */
  readonly embeddingCacheBytes?: number;
  /**
   * Runs what needs the model, pictures' decoding included, when there is room for it: for servers that bound how much goes on
   * at once. Bodies are read before. Default: at once.
   */
  readonly limitWork?: <Result>(work: () => Promise<Result>, options: CallOptions) => Promise<Result>;
}

/** The operations of a placement, for servers that have routes, bounds and error answers of their own. */
export interface PlacementRoutes {
  /** `GET …/health`. */
  health(): Response;
  /** `POST …/encode`. @param options.signal - Default: the request's. @throws MaskeryError what the answer is to say. */
  encode(request: Request, options?: CallOptions): Promise<Response>;
  /** `POST …/decode`. @param options.signal - Default: the request's. @throws MaskeryError what the answer is to say. */
  decode(request: Request, options?: CallOptions): Promise<Response>;
}

const versionHeaders = { [PROTOCOL_HEADER]: String(PLACEMENT_PROTOCOL_VERSION) };

/**
 * What `placementHandler` answers, one function for each operation; errors are thrown.
 * @param placement - Stays the caller's, who disposes it.
 * @throws MaskeryError `INVALID_INPUT` for a placement without halves, or with halves of two models.
 */
export function placementRoutes(
  placement: ServedPlacement,
  platform: Platform,
  options: PlacementRoutesOptions = {},
): PlacementRoutes {
  const { limitWork = (work) => work() } = options;
  const limits = { ...defaultImageLimits, ...options.limits };
  const fingerprint = fingerprintOf(placement);
  const embeddings = new ServedEmbeddings(platform, fingerprint, options.embeddingCacheBytes);
  return {
    health: () =>
      new Response(JSON.stringify(healthOf(placement, fingerprint)), {
        headers: { ...versionHeaders, "content-type": "application/json", "cache-control": "no-store" },
      }),

    async encode(request, { signal = request.signal } = {}) {
      const { encoder } = placement;
      if (!encoder) throw new MaskeryError("NOT_FOUND", "This placement has no encoder.");
      checkPlacementRequest(request, fingerprint);
      const precision = precisionOf(request);
      const mediaType = pictureTypeOf(request);
      const body = await readBody(request, limits.maxBytes, signal);
      const embedding = await limitWork(
        async () => {
          const image = await readPicture(body, mediaType, platform, limits, signal);
          return encoder.encode(image, { signal });
        },
        { signal },
      );
      const { bytes, reference } = await embeddings.give(embedding, precision);
      return binaryAnswer(bytes, EMBEDDING_MEDIA_TYPE, { [EMBEDDING_HEADER]: reference });
    },

    async decode(request, { signal = request.signal } = {}) {
      const { decoder } = placement;
      if (!decoder) throw new MaskeryError("NOT_FOUND", "This placement has no decoder.");
      checkPlacementRequest(request, fingerprint);
      const precision = precisionOf(request);
      requireMediaType(request, PROMPTS_MEDIA_TYPE);
      const message = readPrompts(await readBody(request, limits.maxBytes, signal));
      const embedding = await embeddings.of(message);
      const prompts = message.promptsFor(embedding.imageSize);
      const objects = await limitWork(() => decoder.decode(embedding, prompts, { signal }), { signal });
      return binaryAnswer(
        writePlanes({ modelFingerprint: fingerprint, objects }, precision),
        PLANES_MEDIA_TYPE,
      );
    },
  };
}

function fingerprintOf({ encoder, decoder }: ServedPlacement): string {
  const fingerprint = (encoder ?? decoder)?.modelFingerprint;
  if (fingerprint === undefined) throw invalidInput("placement", "an encoder, a decoder or both", "neither");
  if (!decoder || decoder.modelFingerprint === fingerprint) return fingerprint;
  const expected = `the decoder of the encoder's model, ${fingerprint}`;
  throw invalidInput("placement.decoder.modelFingerprint", expected, decoder.modelFingerprint);
}

function healthOf(
  { model, everythingDefaults, encoder, decoder }: ServedPlacement,
  modelFingerprint: string,
): PlacementHealth {
  return {
    status: "ok",
    protocol: PLACEMENT_PROTOCOL_VERSION,
    model,
    modelFingerprint,
    ...(everythingDefaults && {
      everythingDefaults: {
        preset: everythingDefaults.preset,
        ...(everythingDefaults.thresholds && { thresholds: { ...everythingDefaults.thresholds } }),
      },
    }),
    ...(encoder && { encoder: { device: encoder.device } }),
    ...(decoder && { decoder: { device: decoder.device, abilities: { ...decoder.abilities } } }),
  };
}

function pictureTypeOf(request: Request): string {
  const mediaType = mediaTypeOf(request);
  if (mediaType === PIXELS_MEDIA_TYPE || mediaType.startsWith("image/")) return mediaType;
  throw unsupportedMediaType(`image/png, another picture or ${PIXELS_MEDIA_TYPE}`, mediaType);
}

function readPicture(
  bytes: Uint8Array,
  mediaType: string,
  platform: Platform,
  limits: Required<ImageLimits>,
  signal: AbortSignal,
): RgbaImage | Promise<RgbaImage> {
  if (mediaType !== PIXELS_MEDIA_TYPE) return platform.codec.decode(bytes, { signal, limits });
  return readPixels(bytes, ({ width, height }: ImageSize) => {
    if (width * height <= limits.maxPixels) return;
    const message = `image: expected at most ${limits.maxPixels} pixels, received ${width * height}`;
    throw new MaskeryError("IMAGE_TOO_LARGE", message, { field: "image" });
  });
}

function readBody(request: Request, maxBytes: number, signal: AbortSignal): Promise<Uint8Array> {
  const tooMany = () =>
    new MaskeryError("IMAGE_TOO_LARGE", `body: expected at most ${maxBytes} bytes, received more`, {
      field: "body",
    });
  return readBytes(request, maxBytes, tooMany, signal);
}

function binaryAnswer(
  bytes: Uint8Array,
  mediaType: string,
  headers: Readonly<Record<string, string>> = {},
): Response {
  return new Response(bytes as Uint8Array<ArrayBuffer>, {
    headers: { ...versionHeaders, ...headers, "content-type": mediaType, "cache-control": "no-store" },
  });
}
