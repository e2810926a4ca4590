import { LRUCache } from "lru-cache";
import type { Platform } from "../../backend/platform.js";
import { invalidInput, MaskeryError } from "../../errors.js";
import { wholeNumberBetween } from "../../number-between.js";
import { type Embedding, embeddingBytes } from "../embedding.js";
import { type EmbeddingPrecision, readEmbedding, writeEmbedding } from "../embedding-format.js";
import { otherModel } from "./placement-request.js";
import type { PromptsMessage } from "./prompts-message.js";

const DEFAULT_MAX_BYTES = 512 * 1024 * 1024;

/** Embeddings that a server gave out or was given, kept for later prompts under the hash of their bytes. */
export class ServedEmbeddings {
  readonly #platform: Pick<Platform, "sha256">;
  readonly #fingerprint: string;
  readonly #kept: LRUCache<string, Embedding> | undefined;

  /** @throws MaskeryError `INVALID_INPUT` for a bound that is none. */
  constructor(platform: Pick<Platform, "sha256">, fingerprint: string, maxBytes: number | undefined) {
    this.#platform = platform;
    this.#fingerprint = fingerprint;
    const most = Number.MAX_SAFE_INTEGER;
    const bytes = wholeNumberBetween("embeddingCacheBytes", maxBytes, DEFAULT_MAX_BYTES, 0, most);
    if (bytes > 0) this.#kept = new LRUCache({ maxSize: bytes, sizeCalculation: embeddingBytes });
  }

  /** Packs an embedding for the wire, and keeps it under the name that the answer gives it. */
  async give(
    embedding: Embedding,
    precision: EmbeddingPrecision,
  ): Promise<{ readonly bytes: Uint8Array; readonly reference: string }> {
    const bytes = await writeEmbedding(embedding, this.#platform, precision);
    const reference = await this.#platform.sha256([bytes]);
    // Kept as the client holds it, so that the answers do not depend on who kept what.
    const kept = precision === "float32" ? embedding : await readEmbedding(bytes, this.#platform);
    this.#kept?.set(reference, kept);
    return { bytes, reference };
  }

  /** @throws MaskeryError `NOT_FOUND` with the field `embedding`, so that the client sends it; `CONFLICT`, `INVALID_INPUT`. */
  async of({
    embedding: reference,
    attached,
  }: Pick<PromptsMessage, "embedding" | "attached">): Promise<Embedding> {
    const known = this.#kept?.get(reference);
    if (known) return known;
    if (!attached) {
      const message = "embedding: expected one that is kept here; send it with the prompts";
      throw new MaskeryError("NOT_FOUND", message, { field: "embedding" });
    }
    // The name is worked out anew: nobody may put another embedding under a name that others use.
    const actual = await this.#platform.sha256([attached]);
    if (actual !== reference)
      throw invalidInput("attached", `an embedding with the hash ${reference}`, actual);
    const embedding = await readEmbedding(attached, this.#platform);
    if (embedding.modelFingerprint !== this.#fingerprint)
      throw otherModel(this.#fingerprint, embedding.modelFingerprint);
    this.#kept?.set(reference, embedding);
    return embedding;
  }
}
