import {
  type CallOptions,
  createLocalDescriber,
  type DescribedMask,
  type Describer,
  type Description,
  MaskeryError,
  type RgbaImage,
} from "@maskery/core";
import { LRUCache } from "lru-cache";
import type { Logger } from "../observe/logger.js";

export interface DescriptionsOptions {
  /** Who writes. Default: the local describer, which asks nobody. */
  readonly describer?: Describer;
  /** Milliseconds until the local describer takes over. Default 15,000. */
  readonly timeoutMs?: number;
  /** Descriptions that are remembered. Default 500. */
  readonly maxEntries?: number;
}

export interface DescribeOptions extends CallOptions {
  /** Milliseconds that the caller can spare; after them the local describer takes over. */
  readonly timeLeftMs?: number;
}

const DEFAULT_TIMEOUT_MS = 15_000;
const DEFAULT_MAX_ENTRIES = 500;

/** Words for pictures. A describer that fails is no reason to fail: then the local one speaks, and says that it does. */
export class Descriptions {
  readonly #describer: Describer | undefined;
  readonly #local = createLocalDescriber();
  readonly #timeoutMs: number;
  readonly #known: LRUCache<string, Description>;
  readonly #logger: Logger;

  constructor(options: DescriptionsOptions, logger: Logger) {
    this.#describer = options.describer;
    this.#timeoutMs = options.timeoutMs ?? DEFAULT_TIMEOUT_MS;
    this.#known = new LRUCache({ max: options.maxEntries ?? DEFAULT_MAX_ENTRIES });
    this.#logger = logger;
  }

  /**
   * @param contentKey - Equal for the same picture with the same masks; descriptions are remembered under it.
   * @throws MaskeryError `ABORTED` or `TIMEOUT` when the caller's own signal fires.
   */
  async describe(
    image: RgbaImage,
    masks: readonly DescribedMask[],
    contentKey: string,
    options: DescribeOptions = {},
  ): Promise<Description> {
    const describer = this.#describer ?? this.#local;
    const key = `${describer.id} ${contentKey}`;
    const known = this.#known.get(key);
    if (known) return known;
    const description = await this.#ask(describer, image, masks, options);
    // A fallback is not remembered: the next request asks again.
    if (description.source === describer.name) this.#known.set(key, description);
    return description;
  }

  async #ask(
    describer: Describer,
    image: RgbaImage,
    masks: readonly DescribedMask[],
    options: DescribeOptions,
  ): Promise<Description> {
    if (describer === this.#local) return describer.describe(image, masks, options);
    const limit = AbortSignal.timeout(
      Math.max(0, Math.min(this.#timeoutMs, options.timeLeftMs ?? this.#timeoutMs)),
    );
    const signal = options.signal ? AbortSignal.any([options.signal, limit]) : limit;
    try {
      return await describer.describe(image, masks, { signal });
    } catch (error) {
      if (options.signal?.aborted) throw error;
      const code = MaskeryError.is(error) ? error.code : "INTERNAL";
      this.#logger.warn(
        { describer: describer.name, code },
        "The describer failed; the local one takes its place.",
      );
      return this.#local.describe(image, masks, options);
    }
  }

  async dispose(): Promise<void> {
    this.#known.clear();
  }
}
