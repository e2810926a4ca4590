import type { DeviceReport } from "../backend/runtime.js";
import type { CallOptions } from "../cancellation.js";
import type { RgbaImage } from "../image/rgba-image.js";
import type { DecodedObject, PromptAbilities } from "../model/layout.js";
import type { Prompt } from "../prompt/prompt.js";
import type { Embedding } from "./embedding.js";
import type { EverythingPreset, ModelThresholds } from "./everything/options.js";

/** Turns pictures into embeddings: here, in a worker, or on another machine. */
export interface Encoder {
  readonly contractVersion: 1;
  /** Equal for encoders whose embeddings are interchangeable. */
  readonly modelFingerprint: string;
  readonly device: string;
  /** How it came to its device, where there was a choice. */
  readonly deviceReport?: DeviceReport | undefined;
  /** @throws MaskeryError `INFERENCE_FAILED`, `ABORTED`, `DISPOSED`. */
  encode(image: RgbaImage, options?: CallOptions): Promise<Embedding>;
  /** Safe to call twice. */
  dispose(): Promise<void>;
}

/** Turns an embedding and prompts into candidate planes. */
export interface Decoder {
  readonly contractVersion: 1;
  readonly modelFingerprint: string;
  readonly device: string;
  /** How it came to its device, where there was a choice. */
  readonly deviceReport?: DeviceReport | undefined;
  readonly abilities: PromptAbilities;
  /**
   * Decodes one or more objects of one picture, in order.
   * @throws MaskeryError `UNSUPPORTED_PROMPT` for a prompt outside the abilities, `INVALID_INPUT` for an embedding of
   * another model, `INFERENCE_FAILED`, `ABORTED`, `DISPOSED`.
   */
  decode(
    embedding: Embedding,
    prompts: readonly Prompt[],
    options?: CallOptions,
  ): Promise<readonly DecodedObject[]>;
  /** Safe to call twice. */
  dispose(): Promise<void>;
}

/** What automatic masks should assume about a model. */
export interface EverythingDefaults {
  readonly preset: EverythingPreset;
  readonly thresholds?: ModelThresholds | undefined;
}

/** A model in place: both halves of it, wherever each runs. */
export interface ModelPlacement {
  /** The model's id, for results. */
  readonly model: string;
  /** The model's own defaults of automatic masks. */
  readonly everythingDefaults?: EverythingDefaults | undefined;
  readonly encoder: Encoder;
  readonly decoder: Decoder;
}
