import type { NamedTensors, Tensor } from "@maskery/core";
import type { GraphRunRequest } from "./graph-protocol.js";
import { tensorArrays } from "./tensor-arrays.js";

export interface PackedFeeds {
  readonly feeds: GraphRunRequest["feeds"];
  /** Buffers to move to the worker: given away by the caller, or copies made here. */
  readonly transfer: readonly ArrayBuffer[];
}

/**
 * Makes feeds ready to cross into a worker. Every buffer is moved, never cloned: posting a view would copy
 * the whole buffer behind it, twice. Feeds that stay the caller's are therefore copied here, exactly once.
 * @param given - Names of feeds whose buffers the caller gives away.
 */
export function packFeeds(feeds: NamedTensors, given: readonly string[]): PackedFeeds {
  const transfer = new Set<ArrayBuffer>();
  const packed = Object.entries(feeds).map(([name, tensor]): [string, Tensor] => {
    const buffer = given.includes(name) ? movableBuffer(tensor) : undefined;
    if (buffer !== undefined) {
      transfer.add(buffer);
      return [name, { type: tensor.type, dims: [...tensor.dims], data: tensor.data } as Tensor];
    }
    const copy = copyTensor(tensor);
    transfer.add(copy.data.buffer as ArrayBuffer);
    return [name, copy];
  });
  return { feeds: packed, transfer: [...transfer] };
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
