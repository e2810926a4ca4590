import type { NamedTensors } from "../backend/tensor.js";
import type { FrameFit } from "../image/frame-fit.js";
import type { ImageSize } from "../image/rgba-image.js";

/** What an encoder makes of one picture. Every decode names the embedding it is for; there is no current image. */
export interface Embedding {
  /** Which model it belongs to; a decoder refuses another's. */
  readonly modelFingerprint: string;
  /** The picture's size as displayed. */
  readonly imageSize: ImageSize;
  /** How the picture lies in the model's frame. */
  readonly fit: FrameFit;
  /**
   * Never to be changed once made: decoders keep copies where they run and recognise the arrays, so that a change would be
   * read by some and not by others.
   */
  readonly tensors: NamedTensors;
}

/** Memory that an embedding holds; at least 1, as caches by size count no empty entries. */
export function embeddingBytes(embedding: Embedding): number {
  return Math.max(
    1,
    Object.values(embedding.tensors).reduce((total, tensor) => total + tensor.data.byteLength, 0),
  );
}
