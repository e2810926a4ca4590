import type { Embedding } from "./embedding.js";

/** An embedding with what it cost to get. */
export interface EncodedImage {
  readonly embedding: Embedding;
  /** Whether it was known, or under way for somebody else; then both times are 0. */
  readonly cached: boolean;
  readonly decodeMs: number;
  readonly encodeMs: number;
}
