import type { ImageLimits } from "../backend/image-codec.js";
import type { Platform } from "../backend/platform.js";
import { CacheEvents, type CacheListener } from "../cache/cache-events.js";
import { contentKey } from "../cache/content-key.js";
import { type CallOptions, throwIfAborted } from "../cancellation.js";
import type { DescribedMask, Describer } from "../describe/describer.js";
import {
  type CachedDescription,
  DescriptionCache,
  type DescriptionCacheOptions,
  type DescriptionCacheStats,
  describedMasksKey,
} from "../describe/description-cache.js";
import { createLocalDescriber } from "../describe/local-describer.js";
import { MaskeryError } from "../errors.js";
import { cropImage } from "../image/crop-image.js";
import type { ImageSource } from "../image/image-source.js";
import type { PixelWindow } from "../mask/window.js";
import type { ClassModel } from "../model/classes/class-model.js";
import type { ForegroundModel } from "../model/foreground/foreground-model.js";
import type { PromptAbilities } from "../model/layout.js";
import type { PromptInput } from "../prompt/prompt.js";
import type { ClassesOptions, ClassesResult } from "./classes/find-classes.js";
import type { ForegroundOptions, ForegroundResult } from "./classes/find-foreground.js";
import { LazyModel, type ModelLoader } from "./classes/lazy-model.js";
import { RememberedAnswers } from "./classes/remembered-answers.js";
import { deviceReportOf, type ModelDeviceReport } from "./device-choice.js";
import { EmbeddingCache, type EmbeddingCacheOptions, type EmbeddingCacheStats } from "./embedding-cache.js";
import type { EncodedImage } from "./encoded-image.js";
import { OpenedImage } from "./opened-image.js";
import type { ModelPlacement } from "./placement.js";
import { windowKey } from "./prompt-decoding.js";
import {
  createResultCache,
  type ResultCache,
  type ResultCacheOptions,
  type ResultCacheStats,
} from "./result-cache.js";
import type { SegmentResult } from "./segment-result.js";
import { type SegmentOptions, Session } from "./session.js";

export interface SegmenterOptions {
  /** Bounds on pictures. Default: 256 MiB encoded, 50 million pixels. */
  readonly limits?: ImageLimits;
  /** Where embeddings are kept: memory, then stores such as a folder. */
  readonly embeddingCache?: EmbeddingCacheOptions;
  /** How long masks of earlier prompts, and what `classes` and `foreground` found, are remembered. */
  readonly resultCache?: ResultCacheOptions;
  /** How long texts about pictures are remembered. */
  readonly descriptionCache?: DescriptionCacheOptions;
  /** Who finds words for `session.describe`, unless the call says otherwise. Default: the local describer. */
  readonly describer?: Describer;
  /** Keeps the cached work of tenants apart. Default: one shared namespace. */
  readonly namespace?: string;
  /** Loads the model behind `classes`, when it is first asked. Default: none; automatic masks stand in. */
  readonly loadClassModel?: ModelLoader<ClassModel> | undefined;
  /** Loads the model behind `foreground`, when it is first asked. Default: none. */
  readonly loadForegroundModel?: ModelLoader<ForegroundModel> | undefined;
}

export interface SegmenterCacheStats {
  readonly embeddings: EmbeddingCacheStats;
  readonly results: ResultCacheStats;
  readonly descriptions: DescriptionCacheStats;
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
  readonly #answers: RememberedAnswers;
  readonly #descriptions: DescriptionCache;
  readonly #describer: Describer;
  readonly #classModel: LazyModel<ClassModel> | undefined;
  readonly #foregroundModel: LazyModel<ForegroundModel> | undefined;
  #disposed: Promise<void> | undefined;

  /** Platform packages make segmenters with `createSegmenter`; build one by hand to bring your own placement. */
  constructor(placement: ModelPlacement, platform: Platform, options: SegmenterOptions = {}) {
    this.#placement = placement;
    this.#platform = platform;
    this.#limits = options.limits ?? {};
    this.#namespace = options.namespace ?? "";
    this.#embeddings = new EmbeddingCache(options.embeddingCache ?? {}, platform, this.#events);
    this.#results = createResultCache(options.resultCache ?? {}, this.#events);
    this.#answers = new RememberedAnswers(this.#results);
    this.#descriptions = new DescriptionCache(options.descriptionCache ?? {}, this.#events);
    this.#describer = options.describer ?? createLocalDescriber();
    const { loadClassModel, loadForegroundModel } = options;
    this.#classModel = loadClassModel && new LazyModel(loadClassModel);
    this.#foregroundModel = loadForegroundModel && new LazyModel(loadForegroundModel);
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

  /**
   * What was tried before each half of the model came to its device, and why; also for the models behind `classes` and
   * `foreground`, once they are loaded.
   */
  get deviceReport(): ModelDeviceReport {
    const { encoder, decoder } = this.#placement;
    const [classes, foreground] = [this.#classModel?.loaded, this.#foregroundModel?.loaded];
    return deviceReportOf({ encoder, decoder, classes, foreground });
  }

  /** What the model can be asked. */
  get abilities(): PromptAbilities {
    return this.#placement.decoder.abilities;
  }

  /** The model's two halves, to be served to other machines. They stay the segmenter's, which disposes them. */
  get placement(): ModelPlacement {
    return this.#placement;
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
  async segment(
    image: ImageSource,
    prompt: PromptInput,
    options: SegmentOptions = {},
  ): Promise<SegmentResult> {
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
    options: SegmentOptions = {},
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
   * Finds and names what is in a picture. Without a model for it (`classModel`) these are automatic masks of class `object`, and
   * the result says so in `source` and `note`.
   * @throws MaskeryError `INVALID_INPUT` naming the option at fault; as `segment`; what loading the model throws.
   */
  async classes(image: ImageSource, options: ClassesOptions = {}): Promise<ClassesResult> {
    const session = await this.open(image, options);
    try {
      return await session.classes(options);
    } finally {
      await session.dispose();
    }
  }

  /**
   * Tells the subject of a picture from its background, with a soft edge.
   * @throws MaskeryError `MODEL_NOT_FOUND` without a model for it (`foregroundModel`); `INVALID_INPUT`; as `segment`; what loading
   * the model throws.
   */
  async foreground(image: ImageSource, options: ForegroundOptions = {}): Promise<ForegroundResult> {
    const session = await this.open(image, options);
    try {
      return await session.foreground(options);
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
      answers: this.#answers,
      answerKey: (operation, fingerprint) => this.#contentKey(opened, operation, fingerprint),
      encode: (callOptions) => this.#encode(opened, callOptions),
      encodeWindow: (window, callOptions) => this.#encode(opened, callOptions, window),
      pixels: (callOptions) => opened.pixels(callOptions),
      classModel: this.#classModel,
      foregroundModel: this.#foregroundModel,
      describe: (masks, describer, callOptions) => this.#describe(opened, masks, describer, callOptions),
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
   * Encodes pictures ahead of their first prompt. Resolves when they are in every tier of the cache, so that a process may
   * end, or another begin.
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
    await this.#embeddings.settle();
  }

  /** What the caches hold and did. */
  async cacheStats(): Promise<SegmenterCacheStats> {
    return {
      embeddings: await this.#embeddings.stats(),
      results: this.#results.stats(),
      descriptions: this.#descriptions.stats(),
    };
  }

  /** Empties the caches, every tier of them. Sessions that are open keep their embedding. */
  async clearCache(): Promise<void> {
    this.#results.clear();
    this.#descriptions.clear();
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
      this.#descriptions.clear();
      this.#embeddings.forget();
      await Promise.all([
        this.#placement.encoder.dispose(),
        this.#placement.decoder.dispose(),
        this.#classModel?.dispose(),
        this.#foregroundModel?.dispose(),
        this.#embeddings.settle(),
      ]);
    })();
    return this.#disposed;
  }

  /** @param window - The part of the picture to encode. Default: the whole. */
  async #encode(opened: OpenedImage, options: CallOptions, window?: PixelWindow): Promise<EncodedImage> {
    this.#throwIfDisposed();
    let decodeMs = 0;
    let encodeMs = 0;
    const { embedding, cached } = await this.#embeddings.get(
      this.#contentKey(opened, window ? `embedding of ${windowKey(window)}` : "embedding"),
      this.#placement.encoder.modelFingerprint,
      async (signal) => {
        const startedAt = this.#platform.now();
        const pixels = await opened.pixels({ signal });
        const decodedAt = this.#platform.now();
        const shown = window ? cropImage(pixels, window) : pixels;
        const made = await this.#placement.encoder.encode(shown, { signal });
        decodeMs = decodedAt - startedAt;
        encodeMs = this.#platform.now() - decodedAt;
        return made;
      },
      options,
    );
    return { embedding, cached, decodeMs, encodeMs };
  }

  async #describe(
    opened: OpenedImage,
    masks: readonly DescribedMask[],
    describer: Describer = this.#describer,
    options: CallOptions = {},
  ): Promise<CachedDescription> {
    this.#throwIfDisposed();
    throwIfAborted(options.signal);
    const key = contentKey({
      namespace: this.#namespace,
      image: opened.hash,
      model: `describer ${describer.id}`,
      operation: `describe ${await describedMasksKey(masks, this.#platform)}`,
    });
    return this.#descriptions.get(
      key,
      async (signal) => describer.describe(await opened.pixels({ signal }), masks, { signal }),
      options,
    );
  }

  #contentKey(
    opened: OpenedImage,
    operation: string,
    model = this.#placement.encoder.modelFingerprint,
  ): string {
    return contentKey({ namespace: this.#namespace, image: opened.hash, model, operation });
  }

  #throwIfDisposed(): void {
    if (this.#disposed) throw new MaskeryError("DISPOSED", "This segmenter was disposed.");
  }
}
