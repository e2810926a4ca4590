/** A client that sends longer than this after its answer loses the connection. */
const DRAIN_MS = 2_000;

/**
 * Reads the rest of a refused body and throws it away: a client that still sends hears the answer, and its connection serves
 * the next request. Closing at once would give it a broken pipe instead.
 */
export function drainBody(reader: ReadableStreamDefaultReader<Uint8Array>): void {
  const timer = setTimeout(() => void reader.cancel().catch(() => undefined), DRAIN_MS);
  timer.unref();
  const drain = async () => {
    while (!(await reader.read()).done);
  };
  drain()
    .catch(() => undefined)
    .finally(() => clearTimeout(timer));
}
