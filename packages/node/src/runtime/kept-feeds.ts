import type { Tensor } from "@maskery/core";

/** Room for four embeddings of SAM2, the largest in common use. */
export const keptFeedsBytes = 4 * 16 * 1024 * 1024;

export interface KeptFeeds {
  /** The number under which the worker holds the data of a feed. Data is recognised by the array itself, not by its content. */
  find(tensor: Tensor): number | undefined;
  /** @returns The number under which the worker shall hold it; undefined for data beyond the bound. */
  add(tensor: Tensor): number | undefined;
  /** Takes back what `add` gave. */
  strike(numbers: readonly number[]): void;
  /** Makes room, oldest use first, without what the coming run needs. @returns What the worker shall drop. */
  evict(inUse: ReadonlySet<number>): number[];
}

/**
 * The books about what a worker holds. They are kept on this side alone, so that both sides never disagree; a new worker
 * gets new books.
 * @param onCollected - Called when a caller's array is gone, and nobody can feed it again.
 */
export function createKeptFeeds(
  onCollected: (number: number) => void,
  mostBytes: number = keptFeedsBytes,
): KeptFeeds {
  const numbers = new WeakMap<Tensor["data"], number>();
  /** Bytes by number, least recently used first. */
  const held = new Map<number, number>();
  let heldBytes = 0;
  let lastNumber = 0;

  const drop = (number: number) => {
    heldBytes -= held.get(number) ?? 0;
    return held.delete(number);
  };
  const collected = new FinalizationRegistry<number>((number) => {
    if (drop(number)) onCollected(number);
  });

  return {
    find({ data }) {
      const number = numbers.get(data);
      const bytes = number === undefined ? undefined : held.get(number);
      if (number === undefined || bytes === undefined) return undefined;
      held.delete(number);
      held.set(number, bytes);
      return number;
    },
    add({ data }) {
      if (data.byteLength > mostBytes) return undefined;
      const number = ++lastNumber;
      numbers.set(data, number);
      held.set(number, data.byteLength);
      heldBytes += data.byteLength;
      collected.register(data, number);
      return number;
    },
    strike(struck) {
      for (const number of struck) drop(number);
    },
    evict(inUse) {
      const dropped: number[] = [];
      for (const number of held.keys()) {
        if (heldBytes <= mostBytes) break;
        if (!inUse.has(number) && drop(number)) dropped.push(number);
      }
      return dropped;
    },
  };
}
