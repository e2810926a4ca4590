const COPIES = 200;

/**
 * What one mask holds in memory while nobody uses it, everything counted: the growth of heap and buffers under many masks
 * of the same pixels, after garbage collection.
 * @param {any} mask
 * @returns {Promise<number>} Bytes; needs `node --expose-gc`.
 */
export async function storedBytes(mask) {
  if (!globalThis.gc) throw new Error("run with node --expose-gc");
  const rle = mask.toRle();
  const Mask = mask.constructor;
  const before = await settledBytes();
  const kept = Array.from({ length: COPIES }, () => Mask.fromRle(rle));
  const after = await settledBytes();
  if (kept.some((copy) => copy.area !== mask.area)) throw new Error("a stored mask changed");
  return Math.round((after - before) / COPIES);
}

async function settledBytes() {
  for (let round = 0; round < 4; round++) {
    // Weakly held memory goes only after the turn in which it was used.
    await new Promise((resolve) => setTimeout(resolve, 10));
    globalThis.gc?.();
  }
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}
