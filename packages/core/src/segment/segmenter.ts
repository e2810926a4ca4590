import type { ImageLimits } from "../backend/image-codec.js";
import type { Platform } from "../backend/platform.js";
import { CacheEvents, type CacheListener } from "../cache/cache-events.js";
import { contentKey } from "../cache/content-key.js";
import { type CallOptions, throwIfAborted } from "../cancellation.js";
import { MaskeryError } from "../errors.js";
import type { ImageSource } from "../image/image-source.js";
import type { PromptAbilities } from "../model/layout.js";
import type { PromptInput } from "../prompt/prompt.js";
import { EmbeddingCache, type EmbeddingCacheOptions, type EmbeddingCacheStats } from "./embedding-cache.js";
import type { EncodedImage } from "./encoded-image.js";
import { OpenedImage } from "./opened-image.js";
import type { ModelPlacement } from "./placement.js";
import { ResultCache, type ResultCacheOptions, type ResultCacheStats } from "./result-cache.js";
import type { SegmentResult } from "./segment-result.js";
import { Session } from "./session.js";

export interface SegmenterOptions {
  /** Bounds on pictures. Default: 256 MiB encoded, 50 million pixels. */
  readonly limits?: ImageLimits;
  /** Where embeddings are kept: memory, then stores such as a folder. */
  readonly embeddingCache?: EmbeddingCacheOptions;
  /** How long masks of earlier prompts are remembered. */
  readonly resultCache?: ResultCacheOptions;
  /** Keeps the cached work of tenants apart. Default: one shared namespace. */
  readonly namespace?: string;
}

export interface SegmenterCacheStats {
  readonly embeddings: EmbeddingCacheStats;
  readonly results: ResultCacheStats;
}

/**
 * Finds objects in pictures with one model. Calls may overlap freely: every one names its own picture, and a picture that
 * several calls need at once is encoded once.
 */
export class Segmenter {
  readonly #placement: ModelPlacement;
  readonly #platform: Platform;
  readonly #limits: ImageLimits;
  readonly #namespace: string;
  readonly #events = new CacheEvents();
  readonly #embeddings: EmbeddingCache;
  readonly #results: ResultCache;
  #disposed: Promise<void> | undefined;

  /** Platform packages make segmenters with `createSegmenter`; build one by hand to bring your own placement. */
  constructor(placement: ModelPlacement, platform: Platform, options: SegmenterOptions = {}) {
    this.#placement = placement;
    this.#platform = platform;
    this.#limits = options.limits ?? {};
    this.#namespace = options.namespace ?? "";
    this.#embeddings = new EmbeddingCache(options.embeddingCache ?? {}, platform, this.#events);
    this.#results = new ResultCache(options.resultCache ?? {}, this.#events);
  }

  /** Id of the model. */
  get model(): string {
    return this.#placement.model;
  }

  /** Where the model runs; both places when encoder and decoder run apart. */
  get device(): string {
    const { encoder, decoder } = this.#placement;
    return encoder.device === decoder.device ? encoder.device : `${encoder.device} + ${decoder.device}`;
  }

  /** What the model can be asked. */
  get abilities(): PromptAbilities {
    return this.#placement.decoder.abilities;
  }

  /** What pictures and masks need to become files. */
  get platform(): Platform {
    return this.#platform;
  }

  /**
   * Finds one object.
   * @param prompt - Points, or points, box and earlier mask together, in image pixels unless `units` says otherwise.
   * @throws MaskeryError `INVALID_INPUT` naming the member at fault, `NOT_FOUND`, `UNSUPPORTED_FORMAT`, `CORRUPT_IMAGE`,
   * `IMAGE_TOO_LARGE`, `UNSUPPORTED_PROMPT`, `INFERENCE_FAILED`, `ABORTED`, `TIMEOUT`, `DISPOSED`.
   */
  async segment(image: ImageSource, prompt: PromptInput, options: CallOptions = {}): Promise<SegmentResult> {
    const [result] = await this.segmentMany(image, [prompt], options);
    return result!;
  }

  /**
   * Finds several objects of one picture, in one run where the model allows.
   * @returns One result for each prompt, in order. `promptMs` of each is that of the whole batch.
   * @throws MaskeryError as `segment`; a prompt at fault is named as `prompts[2].points[0].x`.
   */
  async segmentMany(
    image: ImageSource,
    prompts: readonly PromptInput[],
    options: CallOptions = {},
  ): Promise<SegmentResult[]> {
    const startedAt = this.#platform.now();
    const session = await this.open(image, options);
    try {
      const results = await session.segmentMany(prompts, options);
      const totalMs = this.#platform.now() - startedAt;
      return results.map((result) => ({ ...result, timings: { ...result.timings, totalMs } }));
    } finally {
      await session.dispose();
    }
  }

  /**
   * Opens a picture for several prompts. It is read and its header checked now; it is encoded by the first prompt.
   * @throws MaskeryError as `segment`, as far as the header shows it.
   */
  async open(image: ImageSource, options: CallOptions = {}): Promise<Session> {
    this.#throwIfDisposed();
    throwIfAborted(options.signal);
    const opened = await OpenedImage.open(image, this.#platform, this.#limits, options);
    const known = this.#embeddings.peek(this.#contentKey(opened, "embedding"));
    const size = known?.imageSize ?? (await opened.size(options));
    this.#throwIfDisposed();
    return new Session({
      image: size,
      imageHash: opened.hash,
      model: this.model,
      device: this.device,
      platform: this.#platform,
      decoder: this.#placement.decoder,
      everythingDefaults: this.#placement.everythingDefaults,
      encodeCrop: (crop, callOptions) => this.#placement.encoder.encode(crop, callOptions),
      results: this.#results,
      resultKey: (prompt) => this.#contentKey(opened, `segment ${prompt}`),
      encode: (callOptions) => this.#encode(opened, callOptions),
      pixels: (callOptions) => opened.pixels(callOptions),
    });
  }

  /**
   * Opens a picture with the prompts and masks of an earlier session.
   * @param document - What `session.toJSON()` gave, after any trip through JSON.
   * @throws MaskeryError as `open`; `INVALID_INPUT` for a broken document, `CONFLICT` when it is about another picture.
   */
  async restore(image: ImageSource, document: unknown, options: CallOptions = {}): Promise<Session> {
    const session = await this.open(image, options);
    session.fromJSON(document);
    return session;
  }

  /**
   * Encodes pictures ahead of their first prompt.
   * @param options.concurrency - Pictures at a time. Default 2: one is decoded while another is encoded.
   * @throws MaskeryError of the first picture that fails, as `segment`; the others are not begun.
   */
  async prewarm(
    images: Iterable<ImageSource>,
    options: CallOptions & {
      readonly concurrency?: number;
      readonly onProgress?: (done: number) => void;
    } = {},
  ): Promise<void> {
    const queue = images[Symbol.iterator]();
    let done = 0;
    let failed = false;
    const work = async () => {
      for (let next = queue.next(); !next.done && !failed; next = queue.next()) {
        try {
          this.#throwIfDisposed();
          await this.#encode(
            await OpenedImage.open(next.value, this.#platform, this.#limits, options),
            options,
          );
        } catch (error) {
          failed = true;
          throw error;
        }
        options.onProgress?.(++done);
      }
    };
    await Promise.all(Array.from({ length: Math.max(1, options.concurrency ?? 2) }, work));
  }

  /** What the caches hold and did. */
  async cacheStats(): Promise<SegmenterCacheStats> {
    return { embeddings: await this.#embeddings.stats(), results: this.#results.stats() };
  }

  /** Empties the caches, every tier of them. Sessions that are open keep their embedding. */
  async clearCache(): Promise<void> {
    this.#results.clear();
    await this.#embeddings.clear();
  }

  /** Watches the caches. @returns Call it to stop. */
  onCacheEvent(listener: CacheListener): () => void {
    return this.#events.subscribe(listener);
  }

  /** Frees the model and the memory of the caches; stores stay the caller's. Calls under way reject with `DISPOSED`. Safe to call twice. */
  dispose(): Promise<void> {
    this.#disposed ??= (async () => {
      this.#results.clear();
      this.#embeddings.forget();
      await Promise.all([
        this.#placement.encoder.dispose(),
        this.#placement.decoder.dispose(),
        this.#embeddings.settle(),
      ]);
    })();
    return this.#disposed;
  }

  async #encode(opened: OpenedImage, options: CallOptions): Promise<EncodedImage> {
    this.#throwIfDisposed();
    let decodeMs = 0;
    let encodeMs = 0;
    const { embedding, cached } = await this.#embeddings.get(
      this.#contentKey(opened, "embedding"),
      this.#placement.encoder.modelFingerprint,
      async (signal) => {
        const startedAt = this.#platform.now();
        const pixels = await opened.pixels({ signal });
        const decodedAt = this.#platform.now();
        const made = await this.#placement.encoder.encode(pixels, { signal });
        decodeMs = decodedAt - startedAt;
        encodeMs = this.#platform.now() - decodedAt;
        return made;
      },
      options,
    );
    return { embedding, cached, decodeMs, encodeMs };
  }

  #contentKey(opened: OpenedImage, operation: string): string {
    return contentKey({
      namespace: this.#namespace,
      image: opened.hash,
      model: this.#placement.encoder.modelFingerprint,
      operation,
    });
  }

  #throwIfDisposed(): void {
    if (this.#disposed) throw new MaskeryError("DISPOSED", "This segmenter was disposed.");
  }
}
