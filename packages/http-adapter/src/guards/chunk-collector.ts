/** How much may have passed before what is done with is collected. */
const EVERY_BYTES = 8 * 1024 * 1024;
/** More than V8 lets young buffers weigh together, and more than malloc ever takes from its heap. */
const HINT_BYTES = 33 * 1024 * 1024;

/**
 * Keeps the memory of a large body low while it passes. Chunks lie outside the JavaScript heap, where V8 lets 32 MB of them gather
 * before it looks for those that nobody needs. A large block that nobody writes to takes addresses and no memory, but it
 * weighs as much as its size: V8 looks at its next chance, and finds the block and the chunks before it.
 * @returns A function to call with each chunk's length.
 */
export function chunkCollector(): (bytes: number) => void {
  let passed = 0;
  return (bytes) => {
    passed += bytes;
    if (passed < EVERY_BYTES) return;
    passed = 0;
    try {
      new ArrayBuffer(HINT_BYTES);
    } catch {
      // A process that may not have the addresses goes without: it was a hint.
    }
  };
}
