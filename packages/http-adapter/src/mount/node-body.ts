import type { IncomingMessage } from "node:http";

/** A client that goes on sending what nobody wants for longer than this loses the connection. */
const DUMP_MS = 2_000;

/**
 * A request's body as Node reads it: chunk by chunk as they are asked for, none of them copied. `Readable.toWeb` copies each,
 * so that an upload is in memory twice.
 */
export function nodeBody(incoming: IncomingMessage): ReadableStream<Uint8Array> {
  let stopListening = () => {};
  return new ReadableStream<Uint8Array>(
    {
      pull: (controller) =>
        new Promise<void>((resolve) => {
          const settle = (work: () => void) => {
            stopListening();
            work();
            resolve();
          };
          const leave = () => settle(() => controller.error(incoming.errored ?? goneAway()));
          if (incoming.readableEnded) return settle(() => controller.close());
          if (incoming.destroyed) return leave();
          const onData = (chunk: Uint8Array) => settle(() => controller.enqueue(chunk));
          const onEnd = () => settle(() => controller.close());
          stopListening = () => {
            stopListening = () => {};
            // Until somebody asks for the next chunk, the client waits.
            incoming.pause().off("data", onData).off("end", onEnd).off("error", leave).off("close", leave);
          };
          incoming.on("data", onData).on("end", onEnd).on("error", leave).on("close", leave).resume();
        }),
      cancel() {
        stopListening();
        dump(incoming);
      },
    },
    { highWaterMark: 0 },
  );
}

/** Throws the rest away: a client that still sends hears the answer, and its connection serves the next request. */
function dump(incoming: IncomingMessage): void {
  if (incoming.readableEnded || incoming.destroyed) return;
  const timer = setTimeout(() => incoming.destroy(), DUMP_MS);
  timer.unref();
  incoming.once("close", () => clearTimeout(timer)).resume();
}

function goneAway(): Error {
  return new Error("The client went away before the body was whole.");
}
