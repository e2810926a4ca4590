/** As much of a message port as is used here; Node's own types leave out `onmessage`, which its ports have. */
interface ListeningPort {
  onmessage: (() => void) | null;
  close(): void;
}

/**
 * Lets timers, input and other tasks have their turn in the middle of long work. A message to oneself is a task like
 * `setTimeout`'s, without its delay: about 0.04 ms where `setTimeout(0)` takes 1 ms in Node and 4 ms in browsers.
 */
export function pause(): Promise<void> {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    const listening = port1 as unknown as ListeningPort;
    listening.onmessage = () => {
      listening.close();
      resolve();
    };
    port2.postMessage(undefined);
  });
}
