import type { ObjectStore } from "../stores/object-store.js";

/** Time that a request may take from storing a file to storing the session that knows it. */
const GRACE_MS = 5 * 60 * 1000;

/**
 * Removes files that are older than any session can be: those of sessions that a restart or a crash has made unknown.
 * @param prefix - Looks at files whose key begins so.
 */
export async function sweepFiles(
  store: ObjectStore,
  prefix: string,
  sessionLifetimeMs: number,
  now: Date,
): Promise<void> {
  const oldest = now.getTime() - sessionLifetimeMs - GRACE_MS;
  for (const { key, createdAt } of await store.list(prefix))
    if (createdAt.getTime() < oldest) await store.delete(key);
}
