import { createHash } from "node:crypto";
import type { CacheStore, Segmenter } from "@maskery/core";
import type { Services } from "../../service/services.js";
import { type Remembered, rememberedSchema } from "./clinical-schemas.js";

/** Which answer is meant. */
export interface ResultName {
  readonly image: Uint8Array;
  readonly imageType: string;
  readonly patientId: string;
  /** The client's number; undefined where it gives none. */
  readonly sliceIndex: number | undefined;
}

/**
 * Masks by the content of the picture, kept apart by patient and slice: what was worked out for one patient answers no request
 * about another. Keys are hashes, so that a store on disk tells nobody who the patients are.
 */
export class ResultMemory {
  readonly #store: CacheStore;
  readonly #lifetimeMs: number;

  constructor(store: CacheStore, lifetimeMs: number) {
    this.#store = store;
    this.#lifetimeMs = lifetimeMs;
  }

  keyOf({ image, imageType, patientId, sliceIndex }: ResultName): string {
    const content = createHash("sha256").update(image).digest("hex");
    // With the picture's hash in it, the key cannot be guessed from a list of patients.
    const whole = JSON.stringify([content, imageType, patientId, sliceIndex ?? null]);
    return `clinical ${createHash("sha256").update(whole).digest("hex")}`;
  }

  /** A mask that is young enough, and of the model that is there now; while none is there, of any. */
  async get(key: string, { now, model }: Services): Promise<Remembered | undefined> {
    const bytes = await this.#store.get(key);
    if (!bytes) return undefined;
    const known = read(bytes);
    const isCurrent = known && (model.loaded === undefined || modelName(model.loaded) === known.model);
    if (isCurrent && now().getTime() - known.createdAt < this.#lifetimeMs) return known;
    await this.#store.delete(key);
    return undefined;
  }

  async set(key: string, result: Omit<Remembered, "createdAt">, { now }: Services): Promise<void> {
    const remembered: Remembered = { ...result, createdAt: now().getTime() };
    await this.#store.set(key, new TextEncoder().encode(JSON.stringify(remembered)), {
      timeToLiveMs: this.#lifetimeMs,
    });
  }
}

/** Names a model so that another, or the same with other weights, is told from it. */
export function modelName({ model, placement }: Pick<Segmenter, "model" | "placement">): string {
  return `${model} ${placement.encoder.modelFingerprint} ${placement.decoder.modelFingerprint}`;
}

/** An entry that somebody damaged, or that an older version wrote, counts as none. */
function read(bytes: Uint8Array): Remembered | undefined {
  try {
    return rememberedSchema.safeParse(JSON.parse(new TextDecoder().decode(bytes))).data;
  } catch {
    return undefined;
  }
}
