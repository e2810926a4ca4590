import { LRUCache } from "lru-cache";
import { defaultImageLimits, type ImageLimits } from "../../backend/image-codec.js";
import type { Platform } from "../../backend/platform.js";
import { invalidInput, MaskeryError } from "../../errors.js";
import type { ImageSize, RgbaImage } from "../../image/rgba-image.js";
import { wholeNumberBetween } from "../../number-between.js";
import { type Embedding, embeddingBytes } from "../embedding.js";
import {
  EMBEDDING_MEDIA_TYPE,
  type EmbeddingPrecision,
  readEmbedding,
  writeEmbedding,
} from "../embedding-format.js";
import { readPixels } from "./pixels-message.js";
import { writePlanes } from "./planes-message.js";
import { problemAnswer } from "./problem.js";
import { type PromptsMessage, readPrompts } from "./prompts-message.js";
import {
  EMBEDDING_HEADER,
  MODEL_HEADER,
  PIXELS_MEDIA_TYPE,
  PLACEMENT_PROTOCOL_VERSION,
  PLANES_MEDIA_TYPE,
  type PlacementHealth,
  PRECISION_HEADER,
  PROMPTS_MEDIA_TYPE,
  PROTOCOL_HEADER,
  type ServedPlacement,
} from "./protocol.js";
import { readBytes } from "./read-bytes.js";

export interface PlacementHandlerOptions {
  /** Bounds on pictures; `maxBytes` is also that of every request's body. Default: 256 MiB, 50 million pixels. */
  readonly limits?: ImageLimits;
  /** Bytes of embeddings that are kept for later prompts. 0 keeps none. Default 512 MiB. */
  readonly embeddingCacheBytes?: number;
}

const DEFAULT_EMBEDDING_CACHE_BYTES = 512 * 1024 * 1024;
const versionHeaders = { [PROTOCOL_HEADER]: String(PLACEMENT_PROTOCOL_VERSION) };

/**
 * Serves a model, or one half of it, to `remoteEncoder` and `remoteDecoder`: `GET …/health`, `POST …/encode`, `POST …/decode`,
 * told apart by the end of the path, so it can be mounted anywhere. It asks nobody who they are and bounds no rates: mount it
 * behind what does. Errors are answers, as problem details; the function never rejects.
 * @param placement - Stays the caller's, who disposes it.
 */
export function placementHandler(
  placement: ServedPlacement,
  platform: Platform,
  options: PlacementHandlerOptions = {},
): (request: Request) => Promise<Response> {
  const handler = new PlacementHandler(placement, platform, options);
  return (request) => handler.answer(request);
}

class PlacementHandler {
  readonly #placement: ServedPlacement;
  readonly #platform: Platform;
  readonly #limits: Required<ImageLimits>;
  readonly #embeddings: LRUCache<string, Embedding> | undefined;
  readonly #fingerprint: string;

  constructor(placement: ServedPlacement, platform: Platform, options: PlacementHandlerOptions) {
    this.#placement = placement;
    this.#platform = platform;
    this.#limits = { ...defaultImageLimits, ...options.limits };
    const { encoder, decoder } = placement;
    const fingerprint = (encoder ?? decoder)?.modelFingerprint;
    if (fingerprint === undefined)
      throw invalidInput("placement", "an encoder, a decoder or both", "neither");
    if (decoder && decoder.modelFingerprint !== fingerprint) {
      const expected = `the decoder of the encoder's model, ${fingerprint}`;
      throw invalidInput("placement.decoder.modelFingerprint", expected, decoder.modelFingerprint);
    }
    this.#fingerprint = fingerprint;
    const bytes = wholeNumberBetween(
      "embeddingCacheBytes",
      options.embeddingCacheBytes,
      DEFAULT_EMBEDDING_CACHE_BYTES,
      0,
      Number.MAX_SAFE_INTEGER,
    );
    if (bytes > 0) this.#embeddings = new LRUCache({ maxSize: bytes, sizeCalculation: embeddingBytes });
  }

  async answer(request: Request): Promise<Response> {
    try {
      const route = new URL(request.url).pathname.replace(/\/+$/, "").split("/").at(-1);
      if (route === "health") return allow(request, ["GET", "HEAD"]) ?? this.#health();
      if (route === "encode") return allow(request, ["POST"]) ?? (await this.#encode(request));
      if (route === "decode") return allow(request, ["POST"]) ?? (await this.#decode(request));
      throw new MaskeryError("NOT_FOUND", "path: expected one that ends in health, encode or decode");
    } catch (error) {
      return problemAnswer(error, versionHeaders);
    }
  }

  #health(): Response {
    const { model, everythingDefaults, encoder, decoder } = this.#placement;
    const health: PlacementHealth = {
      status: "ok",
      protocol: PLACEMENT_PROTOCOL_VERSION,
      model,
      modelFingerprint: this.#fingerprint,
      ...(everythingDefaults && {
        everythingDefaults: {
          preset: everythingDefaults.preset,
          ...(everythingDefaults.thresholds && { thresholds: { ...everythingDefaults.thresholds } }),
        },
      }),
      ...(encoder && { encoder: { device: encoder.device } }),
      ...(decoder && { decoder: { device: decoder.device, abilities: { ...decoder.abilities } } }),
    };
    return new Response(JSON.stringify(health), {
      headers: { ...versionHeaders, "content-type": "application/json", "cache-control": "no-store" },
    });
  }

  async #encode(request: Request): Promise<Response> {
    const { encoder } = this.#placement;
    if (!encoder) throw new MaskeryError("NOT_FOUND", "This placement has no encoder.");
    this.#checkRequest(request);
    const precision = precisionOf(request);
    const { signal } = request;
    const image = await this.#readPicture(request, signal);
    const embedding = await encoder.encode(image, { signal });
    const bytes = await writeEmbedding(embedding, this.#platform, precision);
    const reference = await this.#platform.sha256([bytes]);
    // Kept as the client holds it, so that the answers do not depend on who kept what.
    const kept = precision === "float32" ? embedding : await readEmbedding(bytes, this.#platform);
    this.#embeddings?.set(reference, kept);
    return binaryAnswer(bytes, EMBEDDING_MEDIA_TYPE, { [EMBEDDING_HEADER]: reference });
  }

  async #decode(request: Request): Promise<Response> {
    const { decoder } = this.#placement;
    if (!decoder) throw new MaskeryError("NOT_FOUND", "This placement has no decoder.");
    this.#checkRequest(request);
    const precision = precisionOf(request);
    const { signal } = request;
    requireMediaType(request, PROMPTS_MEDIA_TYPE);
    const message = readPrompts(await this.#body(request, signal));
    const embedding = await this.#embeddingOf(message);
    const prompts = message.promptsFor(embedding.imageSize);
    const objects = await decoder.decode(embedding, prompts, { signal });
    const answer = writePlanes({ modelFingerprint: this.#fingerprint, objects }, precision);
    return binaryAnswer(answer, PLANES_MEDIA_TYPE);
  }

  async #embeddingOf({ embedding: reference, attached }: PromptsMessage): Promise<Embedding> {
    const known = this.#embeddings?.get(reference);
    if (known) return known;
    if (!attached) {
      throw new MaskeryError(
        "NOT_FOUND",
        "embedding: expected one that is kept here; send it with the prompts",
        { field: "embedding" },
      );
    }
    // The name is worked out anew: nobody may put another embedding under a name that others use.
    const actual = await this.#platform.sha256([attached]);
    if (actual !== reference)
      throw invalidInput("attached", `an embedding with the hash ${reference}`, actual);
    const embedding = await readEmbedding(attached, this.#platform);
    if (embedding.modelFingerprint !== this.#fingerprint) throw this.#otherModel(embedding.modelFingerprint);
    this.#embeddings?.set(reference, embedding);
    return embedding;
  }

  async #readPicture(request: Request, signal: AbortSignal): Promise<RgbaImage> {
    const mediaType = mediaTypeOf(request);
    const isPixels = mediaType === PIXELS_MEDIA_TYPE;
    if (!isPixels && !mediaType.startsWith("image/")) {
      throw new MaskeryError(
        "UNSUPPORTED_FORMAT",
        `content-type: expected image/png, another picture or ${PIXELS_MEDIA_TYPE}, received ${JSON.stringify(mediaType)}`,
        { field: "content-type" },
      );
    }
    const bytes = await this.#body(request, signal);
    if (isPixels) return readPixels(bytes, (size) => this.#checkPixels(size));
    return this.#platform.codec.decode(bytes, { signal, limits: this.#limits });
  }

  #body(request: Request, signal: AbortSignal): Promise<Uint8Array> {
    const { maxBytes } = this.#limits;
    const tooMany = () =>
      new MaskeryError("IMAGE_TOO_LARGE", `body: expected at most ${maxBytes} bytes, received more`, {
        field: "body",
      });
    return readBytes(request, maxBytes, tooMany, signal);
  }

  #checkPixels({ width, height }: ImageSize): void {
    const { maxPixels } = this.#limits;
    if (width * height <= maxPixels) return;
    throw new MaskeryError(
      "IMAGE_TOO_LARGE",
      `image: expected at most ${maxPixels} pixels, received ${width * height}`,
      { field: "image" },
    );
  }

  /** Version and model, before anything is read. A request that names neither is taken. */
  #checkRequest({ headers }: Request): void {
    const version = headers.get(PROTOCOL_HEADER);
    if (version !== null && version !== String(PLACEMENT_PROTOCOL_VERSION))
      throw invalidInput(PROTOCOL_HEADER, String(PLACEMENT_PROTOCOL_VERSION), version);
    const stated = headers.get(MODEL_HEADER);
    if (stated === null || stated === encodeURIComponent(this.#fingerprint)) return;
    throw this.#otherModel(decoded(stated));
  }

  #otherModel(wanted: string): MaskeryError {
    return new MaskeryError(
      "CONFLICT",
      `model: expected the fingerprint of the model that is served, ${this.#fingerprint}, received ${wanted.slice(0, 2000)}`,
      { field: "modelFingerprint" },
    );
  }
}

/** The refusal of a method that a route does not have. */
function allow({ method }: Request, methods: readonly string[]): Response | undefined {
  if (methods.includes(method)) return undefined;
  const headers = { ...versionHeaders, allow: methods.join(", ") };
  return problemAnswer(invalidInput("method", methods.join(" or "), method), headers, 405);
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

function requireMediaType(request: Request, expected: string): void {
  const mediaType = mediaTypeOf(request);
  if (mediaType === expected) return;
  throw new MaskeryError(
    "UNSUPPORTED_FORMAT",
    `content-type: expected ${expected}, received ${JSON.stringify(mediaType)}`,
    { field: "content-type" },
  );
}

function mediaTypeOf({ headers }: Request): string {
  return (headers.get("content-type") ?? "").split(";")[0]!.trim().toLowerCase().slice(0, 100);
}

function precisionOf({ headers }: Request): EmbeddingPrecision {
  const stated = headers.get(PRECISION_HEADER) ?? "float32";
  if (stated === "float32" || stated === "float16") return stated;
  throw invalidInput(PRECISION_HEADER, '"float32" or "float16"', stated);
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
