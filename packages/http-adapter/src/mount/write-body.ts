import type { ServerResponse } from "node:http";

/**
 * Writes a body chunk by chunk, no faster than the client takes it. A body that breaks off ends the connection; a client that
 * leaves ends the body. Unlike `pipeline` it leaves no listener on the response, which belongs to the host application.
 */
export async function writeBody(body: ReadableStream<Uint8Array>, outgoing: ServerResponse): Promise<void> {
  const reader = body.getReader();
  let goOn = () => {};
  const onDrain = () => goOn();
  const onClose = () => {
    // A read that waits for a slow store ends too.
    reader.cancel().catch(() => undefined);
    goOn();
  };
  outgoing.on("drain", onDrain).on("close", onClose);
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (outgoing.destroyed) return;
      if (done) break;
      if (!outgoing.write(value))
        await new Promise<void>((resolve) => {
          goOn = resolve;
        });
    }
    outgoing.end();
  } catch {
    outgoing.destroy();
  } finally {
    outgoing.off("drain", onDrain).off("close", onClose);
  }
}
