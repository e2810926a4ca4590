import type { NamedTensors, Tensor } from "@maskery/core";
import type { GraphRunRequest, PackedFeed } from "./graph-protocol.js";
import type { KeptFeeds } from "./kept-feeds.js";
import { tensorArrays } from "./tensor-arrays.js";

export interface PackedFeeds {
  readonly feeds: GraphRunRequest["feeds"];
  /** What the worker may drop before the run. */
  readonly forget: GraphRunRequest["forget"];
  /** What the worker does not hold yet: to be struck from the books when the message cannot be sent. */
  readonly fresh: readonly number[];
  /** Buffers to move to the worker: given away by the caller, or copies made here. */
  readonly transfer: readonly ArrayBuffer[];
}

/**
 * Makes feeds ready to cross into a worker. Every buffer is moved, never cloned: posting a view would copy
 * the whole buffer behind it, twice. Feeds that stay the caller's are therefore copied here, exactly once.
 * @param given - Names of feeds whose buffers the caller gives away.
 * @param lasting - Names of feeds that never change: the worker keeps them, and next time nothing is copied.
 * @param kept - What the worker holds.
 */
export function packFeeds(
  feeds: NamedTensors,
  given: readonly string[],
  lasting: readonly string[],
  kept: KeptFeeds,
): PackedFeeds {
  const transfer = new Set<ArrayBuffer>();
  const inUse = new Set<number>();
  const fresh: number[] = [];
  const packed = Object.entries(feeds).map(([name, tensor]): [string, PackedFeed] => {
    const buffer = given.includes(name) ? movableBuffer(tensor) : undefined;
    if (buffer !== undefined) {
      transfer.add(buffer);
      return [name, { tensor: { type: tensor.type, dims: [...tensor.dims], data: tensor.data } as Tensor }];
    }
    const stays = lasting.includes(name);
    const earlier = stays ? kept.find(tensor) : undefined;
    if (earlier !== undefined) {
      inUse.add(earlier);
      return [name, { kept: earlier, type: tensor.type, dims: [...tensor.dims] }];
    }
    const copy = copyTensor(tensor);
    transfer.add(copy.data.buffer as ArrayBuffer);
    const keepAs = stays ? kept.add(tensor) : undefined;
    if (keepAs === undefined) return [name, { tensor: copy }];
    inUse.add(keepAs);
    fresh.push(keepAs);
    return [name, { tensor: copy, keepAs }];
  });
  return { feeds: packed, forget: kept.evict(inUse), fresh, transfer: [...transfer] };
}

/**
 * The buffer of a tensor when moving it takes nothing else along. A view on a part of a buffer (Node's pooled
 * `Buffer`s are such) shares it with others, and shared memory is refused by the engine.
 */
function movableBuffer({ data }: Tensor): ArrayBuffer | undefined {
  const { buffer } = data;
  return buffer instanceof ArrayBuffer && data.byteLength === buffer.byteLength ? buffer : undefined;
}

function copyTensor(tensor: Tensor): Tensor {
  // The table pairs each type with its own array; TypeScript cannot follow that pairing through a union.
  const copy = tensorArrays[tensor.type].copy as (data: Tensor["data"]) => Tensor["data"];
  return { type: tensor.type, dims: [...tensor.dims], data: copy(tensor.data) } as Tensor;
}
