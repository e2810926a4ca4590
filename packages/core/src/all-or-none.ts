/** Work that ends soon after its signal fires. */
export type StoppableTask<Value> = (signal: AbortSignal) => Promise<Value>;

/**
 * Runs tasks side by side and gives their values in order. When one fails, the others are stopped and waited for, so nothing
 * goes on behind the caller's back.
 * @param release - Called with the values of tasks that had ended well, when another failed.
 * @throws What the first task to fail threw.
 */
export async function allOrNone<Value>(
  tasks: readonly StoppableTask<Value>[],
  signal: AbortSignal | undefined,
  release?: (value: Value) => Promise<unknown>,
): Promise<Value[]> {
  const failed = new AbortController();
  const either = signal ? AbortSignal.any([signal, failed.signal]) : failed.signal;
  let reason: unknown;
  const run = async (task: StoppableTask<Value>): Promise<Value> => {
    try {
      return await task(either);
    } catch (error) {
      if (!failed.signal.aborted) reason = error;
      failed.abort();
      throw error;
    }
  };
  const results = await Promise.allSettled(tasks.map(run));
  const values = results.flatMap((result) => (result.status === "fulfilled" ? [result.value] : []));
  if (values.length === tasks.length) return values;
  if (release) await Promise.allSettled(values.map(release));
  throw reason;
}
