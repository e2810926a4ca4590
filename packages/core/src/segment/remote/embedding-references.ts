import type { Platform } from "../../backend/platform.js";
import type { Embedding } from "../embedding.js";
import { type EmbeddingPrecision, writeEmbedding } from "../embedding-format.js";

/** Embeddings never change, so neither do their names. */
const known = new WeakMap<Embedding, Promise<string>>();

/** Remembers by which name a server knows an embedding. */
export function rememberReference(embedding: Embedding, reference: string): void {
  known.set(embedding, Promise.resolve(reference));
}

/** The name of an embedding for other machines: the SHA-256 of its bytes on the wire. Worked out once. */
export function referenceOf(
  embedding: Embedding,
  platform: Pick<Platform, "sha256">,
  precision: EmbeddingPrecision,
): Promise<string> {
  const earlier = known.get(embedding);
  if (earlier) return earlier;
  const reference = (async () => platform.sha256([await writeEmbedding(embedding, platform, precision)]))();
  known.set(embedding, reference);
  reference.catch(() => known.delete(embedding));
  return reference;
}
