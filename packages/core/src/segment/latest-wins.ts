import type { CallOptions } from "../cancellation.js";

interface Waiting<Input, Output> {
  readonly input: Input;
  readonly options: CallOptions;
  resolve(output: Output | undefined): void;
  reject(error: unknown): void;
}

/**
 * Makes a function for questions that age fast, such as "what is under the pointer now": at most one runs and one waits. A
 * newer call takes the place of the one that waits; overtaken calls, also the one that runs, answer undefined.
 */
export function latestWins<Input, Output>(
  work: (input: Input, options: CallOptions) => Promise<Output>,
): (input: Input, options?: CallOptions) => Promise<Output | undefined> {
  let running = false;
  let next: Waiting<Input, Output> | undefined;

  const run = async (call: Waiting<Input, Output>): Promise<void> => {
    running = true;
    try {
      const output = await work(call.input, call.options);
      call.resolve(next ? undefined : output);
    } catch (error) {
      if (next) call.resolve(undefined);
      else call.reject(error);
    }
    running = false;
    const following = next;
    next = undefined;
    if (following) void run(following);
  };

  return (input, options = {}) =>
    new Promise<Output | undefined>((resolve, reject) => {
      const call = { input, options, resolve, reject };
      if (!running) {
        void run(call);
        return;
      }
      next?.resolve(undefined);
      next = call;
    });
}
