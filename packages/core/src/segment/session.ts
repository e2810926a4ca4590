import type { Platform } from "../backend/platform.js";
import type { CallOptions } from "../cancellation.js";
import { MaskeryError } from "../errors.js";
import { Picture } from "../image/picture.js";
import type { ImageSize, RgbaImage } from "../image/rgba-image.js";
import { Mask } from "../mask/mask.js";
import type { MaskOperation } from "../mask/run-algebra.js";
import { cutout } from "../paint/cutout.js";
import type { CutoutOptions } from "../paint/cutout-options.js";
import { type ExtractedObject, type ExtractOptions, extractObjects } from "../paint/extract-objects.js";
import { paint } from "../paint/paint.js";
import type { PaintLayer } from "../paint/paint-layer.js";
import type { Prompt, PromptInput } from "../prompt/prompt.js";
import { resolvePrompt } from "../prompt/resolve-prompt.js";
import type { Embedding } from "./embedding.js";
import type { EncodedImage } from "./encoded-image.js";
import { type EverythingRun, runEverything } from "./everything/everything.js";
import type { EverythingOptions } from "./everything/options.js";
import { latestWins } from "./latest-wins.js";
import { MaskCollection, type StoredMask } from "./mask-collection.js";
import type { Decoder, EverythingDefaults } from "./placement.js";
import { decodePrompts } from "./prompt-decoding.js";
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
  readonly encode: (options: CallOptions) => Promise<EncodedImage>;
  readonly pixels: (options: CallOptions) => Promise<RgbaImage>;
  /** Encodes a part of the picture, past the cache. */
  readonly encodeCrop: (crop: RgbaImage, options: CallOptions) => Promise<Embedding>;
  readonly everythingDefaults?: EverythingDefaults | undefined;
}

export interface SessionSegmentOptions extends CallOptions {
  /**
   * Whether a prompt that adds to an earlier one of this session starts from that one's mask, where the model takes masks.
   * Default true.
   */
  readonly refine?: boolean;
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
  #embedding: Embedding | undefined;
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
    const [result] = await this.#decode([this.#withStart(resolved, options)], options);
    if (!this.#disposed) this.history.add(resolved, result!.best);
    return result!;
  }

  /**
   * A function for masks under a moving pointer: at most one call runs and one waits; a call that a newer one overtakes
   * answers undefined. Leaves no trace in the history.
   */
  hover(): (prompt: PromptInput, options?: CallOptions) => Promise<SegmentResult | undefined> {
    return latestWins(async (prompt: PromptInput, options) => {
      const [result] = await this.segmentMany([prompt], options);
      return result!;
    });
  }

  /**
   * Finds several objects of this picture, in one run where the model allows.
   * @returns One result for each prompt, in order. The times of each are those of the whole batch.
   * @throws MaskeryError as `Segmenter.segmentMany`.
   */
  async segmentMany(prompts: readonly PromptInput[], options: CallOptions = {}): Promise<SegmentResult[]> {
    this.#throwIfDisposed();
    const resolved = prompts.map((prompt, index) => resolvePrompt(prompt, this.image, `prompts[${index}]`));
    return this.#decode(resolved, options);
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
        embedding: async (callOptions) => (await this.#encoded(callOptions)).embedding,
        encode: encodeCrop,
        now: () => platform.now(),
      },
      options,
    );
  }

  /** The smallest kept mask that holds the pixel at `(x, y)`, at once: no model runs. `masks.at` lists them all. */
  maskAt(x: number, y: number): StoredMask | undefined {
    return this.masks.at(x, y)[0];
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
    for (const { mask, id, name } of masks) this.masks.add(mask, { id, ...(name !== undefined && { name }) });
    this.history.restore(history.steps, history.current?.id);
  }

  /** Lets go of the embedding and the masks. Safe to call twice; later calls of the other methods throw `DISPOSED`. */
  async dispose(): Promise<void> {
    this.#disposed = true;
    this.#embedding = undefined;
    this.masks.clear();
    this.history.clear();
  }

  #withStart(prompt: Prompt, options: SessionSegmentOptions): Prompt {
    const wanted =
      (options.refine ?? true) && prompt.mask === undefined && this.#parts.decoder.abilities.maskInput;
    const mask = wanted ? this.history.startFor(prompt) : undefined;
    return mask ? { ...prompt, mask } : prompt;
  }

  async #decode(prompts: readonly Prompt[], options: CallOptions): Promise<SegmentResult[]> {
    const { platform, model, device } = this.#parts;
    const startedAt = platform.now();
    let encoded: EncodedImage | undefined;
    let encodedAt = startedAt;
    const embedding = async (callOptions: CallOptions) => {
      encoded = await this.#encoded(callOptions);
      encodedAt = platform.now();
      return encoded.embedding;
    };
    const answers = await decodePrompts({ ...this.#parts, embedding }, prompts, options);
    const endedAt = platform.now();
    const timings = {
      decodeMs: encoded?.decodeMs ?? 0,
      encodeMs: encoded?.encodeMs ?? 0,
      promptMs: endedAt - encodedAt,
      totalMs: endedAt - startedAt,
    };
    const imageCached = encoded?.cached ?? true;
    return answers.map(({ masks, cached }) => ({
      masks,
      best: masks[0]!,
      image: this.image,
      model,
      device,
      cached,
      imageCached,
      timings,
    }));
  }

  async #encoded(options: CallOptions): Promise<EncodedImage> {
    if (this.#embedding) return { embedding: this.#embedding, cached: true, decodeMs: 0, encodeMs: 0 };
    const encoded = await this.#parts.encode(options);
    if (!this.#disposed) this.#embedding = encoded.embedding;
    return encoded;
  }

  #throwIfDisposed(): void {
    if (this.#disposed) throw new MaskeryError("DISPOSED", "This session was disposed.");
  }
}
