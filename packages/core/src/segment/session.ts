import type { Platform } from "../backend/platform.js";
import type { CallOptions } from "../cancellation.js";
import { MaskeryError } from "../errors.js";
import type { ImageSize, RgbaImage } from "../image/rgba-image.js";
import type { Prompt, PromptInput } from "../prompt/prompt.js";
import { resolvePrompt } from "../prompt/resolve-prompt.js";
import type { Embedding } from "./embedding.js";
import type { EncodedImage } from "./encoded-image.js";
import { latestWins } from "./latest-wins.js";
import { MaskCollection } from "./mask-collection.js";
import type { Decoder } from "./placement.js";
import { decodePrompts } from "./prompt-decoding.js";
import { PromptHistory } from "./prompt-history.js";
import type { ResultCache } from "./result-cache.js";
import type { SegmentResult } from "./segment-result.js";
import { parseSessionDocument, readSessionDocument, type SessionDocument, writeSessionDocument } from "./session-document.js";

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
    const wanted = (options.refine ?? true) && prompt.mask === undefined && this.#parts.decoder.abilities.maskInput;
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
