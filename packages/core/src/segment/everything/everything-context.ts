import type { ImageOutput } from "../../backend/platform.js";
import type { CallOptions } from "../../cancellation.js";
import type { ImageSize, RgbaImage } from "../../image/rgba-image.js";
import type { Embedding } from "../embedding.js";
import type { Decoder } from "../placement.js";
import type { EverythingPreset, ModelThresholds } from "./options.js";

/** What an automatic run needs of the session that starts it. */
export interface EverythingContext {
  readonly image: ImageSize;
  /** The whole picture; asked for only when there are crops. */
  pixels(options: CallOptions): Promise<RgbaImage>;
  /** The whole picture's embedding, from the session's cache. */
  embedding(options: CallOptions): Promise<Embedding>;
  /** Encodes a crop. */
  encode(image: RgbaImage, options: CallOptions): Promise<Embedding>;
  readonly decoder: Decoder;
  /** What found masks need to become files. */
  readonly output: ImageOutput;
  /** The preset of the model's family. Default `"sam2"`. */
  readonly defaultPreset?: EverythingPreset | undefined;
  /** The model's own defaults; they apply where the caller names no preset. */
  readonly modelThresholds?: ModelThresholds | undefined;
  /** Monotonic milliseconds. */
  now(): number;
}
