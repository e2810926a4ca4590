import { createHash } from "node:crypto";
import type { CacheStore } from "@maskery/core";
import type { Services } from "../../service/services.js";
import { type Remembered, rememberedSchema } from "./clinical-schemas.js";

/** Masks by the content of the picture: who the patient is plays no part. */
export class ResultMemory {
  readonly #store: CacheStore;
  readonly #lifetimeMs: number;

  constructor(store: CacheStore, lifetimeMs: number) {
    this.#store = store;
    this.#lifetimeMs = lifetimeMs;
  }

  keyOf(image: Uint8Array, imageType: string, frame: number): string {
    const hash = createHash("sha256").update(image).digest("hex");
    return `clinical ${hash} ${imageType} ${frame}`;
  }

  /** A mask that is young enough, and of the model that is there now; while none is there, of any. */
  async get(key: string, { now, model }: Services): Promise<Remembered | undefined> {
    const bytes = await this.#store.get(key);
    if (!bytes) return undefined;
    const known = read(bytes);
    const isCurrent = known && (model.loaded === undefined || model.loaded.model === known.model);
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

/** An entry that somebody damaged, or that an older version wrote, counts as none. */
function read(bytes: Uint8Array): Remembered | undefined {
  try {
    return rememberedSchema.safeParse(JSON.parse(new TextDecoder().decode(bytes))).data;
  } catch {
    return undefined;
  }
}
