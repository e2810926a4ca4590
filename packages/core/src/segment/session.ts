import type { Platform } from "../backend/platform.js";
import type { CallOptions } from "../cancellation.js";
import { checkDescribedMasks } from "../describe/check-described.js";
import type { DescribedMask, Describer } from "../describe/describer.js";
import type { CachedDescription } from "../describe/description-cache.js";
import { MaskeryError } from "../errors.js";
import { Picture } from "../image/picture.js";
import type { ImageSize, RgbaImage } from "../image/rgba-image.js";
import { Mask } from "../mask/mask.js";
import type { MaskOperation } from "../mask/run-algebra.js";
import type { PixelWindow } from "../mask/window.js";
import type { ClassModel } from "../model/classes/class-model.js";
import type { ForegroundModel } from "../model/foreground/foreground-model.js";
import { cutout } from "../paint/cutout.js";
import type { CutoutOptions } from "../paint/cutout-options.js";
import { type ExtractedObject, type ExtractOptions, extractObjects } from "../paint/extract-objects.js";
import { paint } from "../paint/paint.js";
import type { PaintLayer } from "../paint/paint-layer.js";
import type { Prompt, PromptInput } from "../prompt/prompt.js";
import { resolvePrompt } from "../prompt/resolve-prompt.js";
import { answerClasses } from "./classes/answer-classes.js";
import { answerForeground } from "./classes/answer-foreground.js";
import type { ClassesOptions, ClassesResult } from "./classes/find-classes.js";
import type { ForegroundOptions, ForegroundResult } from "./classes/find-foreground.js";
import type { LazyModel } from "./classes/lazy-model.js";
import type { RememberedAnswers } from "./classes/remembered-answers.js";
import type { Embedding } from "./embedding.js";
import { type EmbeddingPrecision, writeEmbedding } from "./embedding-format.js";
import type { EncodedImage } from "./encoded-image.js";
import { type EverythingRun, runEverything } from "./everything/everything.js";
import { type EverythingOptions, resolveEverythingOptions } from "./everything/options.js";
import { answerPrompts } from "./focus/answer-prompts.js";
import { type Focus, type FocusOption, resolveFocus } from "./focus/focus-options.js";
import type { FocusedPrompt } from "./focus/look.js";
import { latestWins } from "./latest-wins.js";
import { MaskCollection, type StoredMask } from "./mask-collection.js";
import type { Decoder, EverythingDefaults } from "./placement.js";
import { windowKey } from "./prompt-decoding.js";
import { PromptHistory } from "./prompt-history.js";
import type { ResultCache } from "./result-cache.js";
import type { SegmentResult } from "./segment-result.js";
import {
  parseSessionDocument,
  readSessionDocument,
  type SessionDocument,
  writeSessionDocument,
} from "./session-document.js";

/** What a session is made of; segmenters make sessions. */
export interface SessionParts {
  readonly image: ImageSize;
  /** Hash of the picture's content. */
  readonly imageHash: string;
  readonly model: string;
  readonly device: string;
  readonly platform: Platform;
  readonly decoder: Decoder;
  readonly results: ResultCache;
  readonly resultKey: (prompt: string) => string;
  /** Answers of models that take no prompts. */
  readonly answers: RememberedAnswers;
  /** The content key of such an answer, by default of the promptable model. */
  readonly answerKey: (operation: string, modelFingerprint?: string) => string;
  readonly encode: (options: CallOptions) => Promise<EncodedImage>;
  readonly pixels: (options: CallOptions) => Promise<RgbaImage>;
  /** Encodes a part of the picture, remembered like the picture itself. */
  readonly encodeWindow: (window: PixelWindow, options: CallOptions) => Promise<EncodedImage>;
  /** Encodes pixels, past the cache. */
  readonly encodeCrop: (crop: RgbaImage, options: CallOptions) => Promise<Embedding>;
  readonly everythingDefaults?: EverythingDefaults | undefined;
  /** Names what it finds. */
  readonly classModel?: LazyModel<ClassModel> | undefined;
  /** Tells the subject from the background. */
  readonly foregroundModel?: LazyModel<ForegroundModel> | undefined;
  /** Words for masks of this picture, remembered where possible. */
  readonly describe: (
    masks: readonly DescribedMask[],
    describer: Describer | undefined,
    options: CallOptions,
  ) => Promise<CachedDescription>;
}

export interface SessionDescribeOptions extends CallOptions {
  /** What to talk about: masks, ids in `session.masks`, or masks with names. Default: all of `session.masks`. */
  readonly masks?: readonly (Mask | string | DescribedMask)[];
  /** Default: the segmenter's, which is the local one unless it was given another. */
  readonly describer?: Describer;
}

/** Options of every call that answers prompts. */
export interface SegmentOptions extends CallOptions {
  /**
   * Looks at the object again in a crop of the picture, encoded at full detail: for objects that are small in a large
   * picture. Default false. See `FocusOption`.
   */
  readonly focus?: FocusOption | undefined;
}

export interface SessionSegmentOptions extends SegmentOptions {
  /**
   * Whether a prompt that adds to an earlier one of this session starts from that one's mask, where the model takes masks.
   * Default true.
   */
  readonly refine?: boolean;
}

interface KeptEmbedding {
  /** Of the crop, empty for the whole picture. */
  readonly key: string;
  readonly embedding: Embedding;
}

/** One opened picture. The first prompt encodes it; the session keeps the embedding until it is disposed. */
export class Session {
  /** The picture's size as displayed. */
  readonly image: ImageSize;
  /** Masks that the caller wants to keep with the picture. */
  readonly masks: MaskCollection;
  /** The prompts of `segment`, to undo and redo. */
  readonly history = new PromptHistory();
  readonly #parts: SessionParts;
  #whole: KeptEmbedding | undefined;
  /** Of the crop that was looked at last: the next prompt is mostly about the same object. */
  #crop: KeptEmbedding | undefined;
  #disposed = false;

  constructor(parts: SessionParts) {
    this.image = parts.image;
    this.masks = new MaskCollection(parts.image);
    this.#parts = parts;
  }

  /**
   * Finds one object of this picture.
   * @throws MaskeryError as `Segmenter.segment`.
   */
  async segment(prompt: PromptInput, options: SessionSegmentOptions = {}): Promise<SegmentResult> {
    this.#throwIfDisposed();
    const resolved = resolvePrompt(prompt, this.image);
    const focus = resolveFocus(options.focus, this.image);
    const [result] = await this.#answer([this.#withStart(resolved, focus, options)], options);
    if (!this.#disposed) this.history.add(resolved, result!.best, result!.focus);
    return result!;
  }

  /**
   * A function for masks under a moving pointer: at most one call runs and one waits; a call that a newer one overtakes
   * answers undefined. Leaves no trace in the history.
   */
  hover(): (prompt: PromptInput, options?: SegmentOptions) => Promise<SegmentResult | undefined> {
    return latestWins(async (prompt: PromptInput, options: SegmentOptions) => {
      const [result] = await this.segmentMany([prompt], options);
      return result!;
    });
  }

  /**
   * Finds several objects of this picture, in one run where the model allows.
   * @returns One result for each prompt, in order. The times of each are those of the whole batch.
   * @throws MaskeryError as `Segmenter.segmentMany`.
   */
  async segmentMany(prompts: readonly PromptInput[], options: SegmentOptions = {}): Promise<SegmentResult[]> {
    this.#throwIfDisposed();
    const focus = resolveFocus(options.focus, this.image);
    const resolved = prompts.map((prompt, index) => resolvePrompt(prompt, this.image, `prompts[${index}]`));
    return this.#answer(
      resolved.map((prompt) => ({ prompt, focus })),
      options,
    );
  }

  /**
   * Finds every object: SAM's automatic mask generator. Stream it with `for await`, or take all with `.toArray()`; nothing
   * runs before that.
   * @throws MaskeryError `INVALID_INPUT` naming the option at fault; while running as `segment`.
   */
  everything(options: EverythingOptions = {}): EverythingRun {
    this.#throwIfDisposed();
    const { platform, decoder, pixels, encodeCrop, everythingDefaults } = this.#parts;
    return runEverything(
      {
        image: this.image,
        decoder,
        output: platform,
        defaultPreset: everythingDefaults?.preset,
        modelThresholds: everythingDefaults?.thresholds,
        pixels,
        embedding: async (callOptions) => (await this.#encoded(undefined, callOptions)).embedding,
        encode: encodeCrop,
        now: () => platform.now(),
      },
      options,
    );
  }

  /**
   * Finds and names what is in this picture. Without a model for it these are automatic masks of class `object`, and the result
   * says so in `source` and `note`.
   * @throws MaskeryError as `Segmenter.classes`.
   */
  async classes(options: ClassesOptions = {}): Promise<ClassesResult> {
    this.#throwIfDisposed();
    const { everythingDefaults } = this.#parts;
    const parts = {
      ...this.#parts,
      everything: (everythingOptions: EverythingOptions) => this.everything(everythingOptions),
      everythingKey: (everythingOptions: EverythingOptions) =>
        JSON.stringify(
          resolveEverythingOptions(
            everythingOptions,
            everythingDefaults?.preset ?? "sam2",
            everythingDefaults?.thresholds,
          ),
        ),
    };
    return answerClasses(parts, options);
  }

  /**
   * Tells the subject of this picture from its background.
   * @throws MaskeryError as `Segmenter.foreground`.
   */
  async foreground(options: ForegroundOptions = {}): Promise<ForegroundResult> {
    this.#throwIfDisposed();
    return answerForeground(this.#parts, options);
  }

  /**
   * The smallest stable mask of `masks` that holds the pixel at `(x, y)`, at once: no model runs. `masks.at` lists them all, and
   * says what stable is.
   */
  maskAt(x: number, y: number): StoredMask | undefined {
    return this.masks.smallestAt(x, y);
  }

  /**
   * Makes one mask of several, each handed over or named by its id in `masks`.
   * @throws MaskeryError `NOT_FOUND` for an unknown id, `INVALID_INPUT` for no masks or another size.
   */
  combine(masks: readonly (Mask | string)[], operation: MaskOperation = "union"): Mask {
    return Mask.combine(
      masks.map((mask) => this.masks.resolve(mask)),
      operation,
    ).with({ output: this.#parts.platform });
  }

  /**
   * Paints layers over the picture, in order. The picture itself stays as it is.
   * @throws MaskeryError `INVALID_INPUT` naming the member at fault, for example `layers[1].opacity`.
   */
  async paint(layers: readonly PaintLayer[], options: CallOptions = {}): Promise<Picture> {
    return new Picture(paint(await this.pixels(options), layers), this.#parts.platform);
  }

  /** Cuts one object out. @throws MaskeryError `NOT_FOUND` for an unknown id, `INVALID_INPUT` naming the option at fault. */
  async cutout(mask: Mask | string, options: CutoutOptions & CallOptions = {}): Promise<Picture> {
    const { signal, ...cutoutOptions } = options;
    const pixels = await this.pixels({ signal });
    return new Picture(cutout(pixels, this.masks.resolve(mask), cutoutOptions), this.#parts.platform);
  }

  /**
   * Cuts every object out into a picture of its own, with where it lies.
   * @param masks - Default: all of `masks`.
   * @throws MaskeryError as `cutout`.
   */
  async extract(
    masks: readonly (Mask | string)[] = [...this.masks].map(({ mask }) => mask),
    options: ExtractOptions & CallOptions = {},
  ): Promise<(Omit<ExtractedObject, "image"> & { readonly image: Picture })[]> {
    const { signal, ...extractOptions } = options;
    const resolved = masks.map((mask) => this.masks.resolve(mask));
    const objects = extractObjects(await this.pixels({ signal }), resolved, extractOptions);
    return objects.map((object) => ({ ...object, image: new Picture(object.image, this.#parts.platform) }));
  }

  /**
   * Words for the picture and its masks. The same question again is answered from memory: `cached`.
   * @throws MaskeryError `NOT_FOUND` for an unknown id, `INVALID_INPUT` naming the mask at fault, what the describer throws.
   */
  async describe(options: SessionDescribeOptions = {}): Promise<CachedDescription> {
    this.#throwIfDisposed();
    const { describer, signal } = options;
    const masks = (options.masks ?? [...this.masks]).map((described): DescribedMask => {
      if (typeof described === "string") return this.masks.get(described);
      return described instanceof Mask ? { mask: described } : described;
    });
    checkDescribedMasks(masks, this.image);
    return this.#parts.describe(masks, describer, { signal });
  }

  /**
   * The picture's embedding in the binary form that other machines and stores read; media type `EMBEDDING_MEDIA_TYPE`.
   * @param options.precision - Default `float32`, exact; `float16` is half the size.
   */
  async embedding(
    options: CallOptions & { readonly precision?: EmbeddingPrecision } = {},
  ): Promise<{ readonly bytes: Uint8Array; readonly cached: boolean }> {
    this.#throwIfDisposed();
    const { embedding, cached } = await this.#encoded(undefined, options);
    return { bytes: await writeEmbedding(embedding, this.#parts.platform, options.precision), cached };
  }

  /** The picture itself. Decoded anew at each call, so that an open session holds no pixels. */
  async pixels(options: CallOptions = {}): Promise<RgbaImage> {
    this.#throwIfDisposed();
    return this.#parts.pixels(options);
  }

  /** Prompts and masks as JSON, for `Segmenter.restore`. */
  toJSON(): SessionDocument {
    const { imageHash, model } = this.#parts;
    return writeSessionDocument(this, { image: { ...this.image, hash: imageHash }, model });
  }

  /**
   * Takes over prompts and masks that were written down; what the session held is dropped.
   * @throws MaskeryError `INVALID_INPUT`, or `CONFLICT` when the document is about another picture.
   */
  fromJSON(document: unknown): void {
    this.#throwIfDisposed();
    const parsed = parseSessionDocument(document);
    const masks = new MaskCollection(this.image);
    const history = new PromptHistory();
    readSessionDocument(parsed, { masks, history }, this.#parts.imageHash, { output: this.#parts.platform });
    this.masks.clear();
    for (const { mask, ...details } of masks) this.masks.add(mask, details);
    this.history.restore(history.steps, history.current?.id);
  }

  /** Lets go of the embedding and the masks. Safe to call twice; later calls of the other methods throw `DISPOSED`. */
  async dispose(): Promise<void> {
    this.#disposed = true;
    this.#whole = undefined;
    this.#crop = undefined;
    this.masks.clear();
    this.history.clear();
  }

  #withStart(prompt: Prompt, focus: Focus | undefined, options: SessionSegmentOptions): FocusedPrompt {
    const step = this.history.startFor(prompt);
    const startsFromMask =
      (options.refine ?? true) &&
      prompt.mask === undefined &&
      this.#parts.decoder.abilities.maskInput &&
      // Who asks for a closer look mostly does so because the mask of the whole picture was no good.
      !(focus?.kind === "object" && !step?.focus);
    return {
      prompt: startsFromMask && step ? { ...prompt, mask: step.best } : prompt,
      focus,
      earlier: step?.focus,
    };
  }

  async #answer(prompts: readonly FocusedPrompt[], options: CallOptions): Promise<SegmentResult[]> {
    const { platform, model, device } = this.#parts;
    const startedAt = platform.now();
    let decodeMs = 0;
    let encodeMs = 0;
    let encodingMs = 0;
    let imageCached = true;
    const embedding = async (window: PixelWindow | undefined, callOptions: CallOptions) => {
      const askedAt = platform.now();
      const encoded = await this.#encoded(window, callOptions);
      encodingMs += platform.now() - askedAt;
      decodeMs += encoded.decodeMs;
      encodeMs += encoded.encodeMs;
      imageCached &&= encoded.cached;
      return encoded.embedding;
    };
    const answers = await answerPrompts({ ...this.#parts, embedding }, prompts, options);
    const totalMs = platform.now() - startedAt;
    const timings = { decodeMs, encodeMs, promptMs: totalMs - encodingMs, totalMs };
    return answers.map(({ masks, cached, window }) => ({
      masks,
      best: masks[0]!,
      image: this.image,
      model,
      device,
      cached,
      imageCached,
      ...(window && { focus: window }),
      timings,
    }));
  }

  async #encoded(window: PixelWindow | undefined, options: CallOptions): Promise<EncodedImage> {
    const key = window ? windowKey(window) : "";
    const kept = window ? this.#crop : this.#whole;
    if (kept?.key === key) return { embedding: kept.embedding, cached: true, decodeMs: 0, encodeMs: 0 };
    const encoded = await (window ? this.#parts.encodeWindow(window, options) : this.#parts.encode(options));
    if (this.#disposed) return encoded;
    const { embedding } = encoded;
    if (window) this.#crop = { key, embedding };
    else this.#whole = { key, embedding };
    return encoded;
  }

  #throwIfDisposed(): void {
    if (this.#disposed) throw new MaskeryError("DISPOSED", "This session was disposed.");
  }
}
