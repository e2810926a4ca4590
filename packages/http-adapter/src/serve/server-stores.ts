import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ObjectStores } from "../service/services.js";
import { createFileObjectStore } from "../stores/file-object-store.js";
import { createFileSessionStore } from "../stores/file-session-store.js";
import { createMemorySessionStore } from "../stores/memory-session-store.js";
import type { SessionStore } from "../stores/session-store.js";
import type { ServeSettings } from "./serve-settings.js";

export interface ServerStores {
  readonly stores: ObjectStores & { readonly sessions: SessionStore };
  /** Where the files lie. */
  readonly directory: string;
  /** Closes the stores; removes the folder where it was only for this run. */
  dispose(): Promise<void>;
}

/**
 * Files always go to disk, so that memory stays flat. With a data folder they, and the sessions, are kept over restarts;
 * without one they lie in a folder of their own that goes with the server.
 */
export async function openServerStores(
  settings: Pick<ServeSettings, "dataDirectory" | "uploadDirectory" | "masksDirectory" | "resultsDirectory">,
): Promise<ServerStores> {
  const { dataDirectory } = settings;
  const directory = dataDirectory ?? (await mkdtemp(join(tmpdir(), "maskery-serve-")));
  const files = (own: string | undefined, name: string) =>
    createFileObjectStore({ directory: own ?? join(directory, name) });
  const stores = {
    uploads: files(settings.uploadDirectory, "uploads"),
    masks: files(settings.masksDirectory, "masks"),
    results: files(settings.resultsDirectory, "results"),
    sessions: dataDirectory
      ? createFileSessionStore({ directory: join(directory, "sessions") })
      : createMemorySessionStore(),
  };
  return {
    stores,
    directory,
    async dispose() {
      await Promise.all(Object.values(stores).map((store) => store.dispose()));
      if (!dataDirectory) await rm(directory, { recursive: true, force: true });
    },
  };
}
