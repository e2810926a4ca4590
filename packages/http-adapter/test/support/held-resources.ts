import { createHook } from "node:async_hooks";
import { readdir, readlink } from "node:fs/promises";

/** What a process holds open that a server could have opened: sockets, servers, pipes, watchers; how many of each. */
export function openHandles(): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const kind of process.getActiveResourcesInfo())
    if (/TCP|Pipe|UDP|TLS|FSEvent|StatWatcher|Signal|Process/.test(kind))
      counts[kind] = (counts[kind] ?? 0) + 1;
  return counts;
}

/** Listeners by event, of anything that emits. */
export function listenersOf(emitter: {
  eventNames(): (string | symbol)[];
  listenerCount(event: string | symbol): number;
}): Readonly<Record<string, number>> {
  return Object.fromEntries(
    emitter.eventNames().map((event) => [String(event), emitter.listenerCount(event)]),
  );
}

/** Files below a folder that this process has open; none where the system does not say. */
export async function openFiles(folder: string): Promise<string[]> {
  const names = await readdir("/proc/self/fd").catch(() => []);
  const targets = await Promise.all(names.map((name) => readlink(`/proc/self/fd/${name}`).catch(() => "")));
  return targets.filter((target) => target.startsWith(folder));
}

/**
 * Watches timers that code of the adapter or its bridge sets, also those that keep no process alive.
 * @returns `pending`, where each was set; `stop` ends the watching.
 */
export function watchTimers(): { pending(): string[]; stop(): void } {
  const pending = new Map<number, string>();
  const hook = createHook({
    init(id, type) {
      if (type !== "Timeout") return;
      const { stackTraceLimit } = Error;
      Error.stackTraceLimit = 30;
      const line = (new Error().stack ?? "")
        .split("\n")
        .find((frame) => /http-adapter\/src\/|@hono\/node-server/.test(frame));
      Error.stackTraceLimit = stackTraceLimit;
      if (line !== undefined) pending.set(id, line.trim());
    },
    destroy: (id) => void pending.delete(id),
  }).enable();
  return { pending: () => [...pending.values()], stop: () => void hook.disable() };
}
