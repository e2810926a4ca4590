import { waitUnlessAborted } from "../../cancellation.js";

/**
 * Passes batches on until there are no more, or `finish` fires: then the batch under way is not waited for. The first one is,
 * always: a run that found nothing because it never looked would help nobody.
 * @param stop - Called at the end, so that batches under way end too.
 */
export async function* untilFinished<T>(
  batches: AsyncGenerator<T, void, undefined>,
  finish: AbortSignal | undefined,
  stop: () => void,
): AsyncGenerator<T, void, undefined> {
  try {
    let step = await batches.next();
    while (!step.done) {
      yield step.value;
      if (finish?.aborted) return;
      const next = await waitUnlessAborted(batches.next(), finish).catch((error: unknown) => {
        if (finish?.aborted) return undefined;
        throw error;
      });
      if (!next) return;
      step = next;
    }
  } finally {
    stop();
    // What was under way may end with the error of its signal; it was asked to.
    await batches.return().catch(() => undefined);
  }
}
