import { randomUUID } from "node:crypto";
import { mkdir, open, readdir, readFile, rename, rm, stat, unlink, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { invalidInput, MaskeryError } from "@maskery/core";
import { z } from "zod";
import { checkKeyPart } from "./object-key.js";
import type { Json, SessionRecord, SessionStore } from "./session-store.js";

export interface FileSessionStoreOptions {
  /** Folder of the records; made when it is first needed. */
  readonly directory: string;
}

const LEFTOVER_AGE_MS = 24 * 60 * 60 * 1000;

const recordSchema = z.object({
  id: z.string(),
  api: z.string(),
  createdAt: z.iso.datetime().transform((text) => new Date(text)),
  expiresAt: z.iso.datetime().transform((text) => new Date(text)),
  data: z.json(),
});

/**
 * Keeps each session as one JSON file, so that sessions outlive a restart. For one process: changes of a session are put in
 * order here, not across processes.
 */
export function createFileSessionStore({ directory }: FileSessionStoreOptions): SessionStore {
  if (typeof directory !== "string" || directory === "")
    throw invalidInput("directory", "the path of a folder", directory);
  const root = resolve(directory);
  const lastChange = new Map<string, Promise<unknown>>();
  const pathOf = (api: string, id: string) =>
    join(root, checkKeyPart(api, "api"), `${checkKeyPart(id, "id")}.json`);

  /** One after the other for each file; a failure does not reach the next. */
  function inOrder<T>(path: string, work: () => Promise<T>): Promise<T> {
    const result = (lastChange.get(path) ?? Promise.resolve()).then(work);
    const settled = result
      .catch(() => undefined)
      .finally(() => {
        if (lastChange.get(path) === settled) lastChange.delete(path);
      });
    lastChange.set(path, settled);
    return result;
  }

  return {
    contractVersion: 1,
    name: `files ${root}`,
    create(record) {
      const path = pathOf(record.api, record.id);
      return inOrder(path, async () => {
        await stored(async () => {
          await mkdir(join(root, record.api), { recursive: true });
          // Claims the id in one step, so that two callers cannot both have it.
          await (await open(path, "wx", 0o600)).close();
        });
        await write(path, record);
      });
    },
    get: (api, id) => read(pathOf(api, id)),
    update(api, id, change) {
      const path = pathOf(api, id);
      return inOrder(path, async () => {
        const record = await read(path);
        if (!record) return undefined;
        const changed: SessionRecord = { ...record, ...change(record) };
        await write(path, changed);
        return changed;
      });
    },
    delete(api, id) {
      const path = pathOf(api, id);
      return inOrder(path, async () => {
        try {
          await unlink(path);
          return true;
        } catch (error) {
          if (codeOf(error) === "ENOENT") return false;
          throw new MaskeryError("STORAGE_FAILED", "A session could not be deleted.", { cause: error });
        }
      });
    },
    async list(api) {
      const folder = join(root, checkKeyPart(api, "api"));
      const names = await readdir(folder).catch((error: unknown) => {
        if (codeOf(error) === "ENOENT") return [];
        throw new MaskeryError("STORAGE_FAILED", "The sessions could not be listed.", { cause: error });
      });
      const records: SessionRecord[] = [];
      for (const name of names) {
        const path = join(folder, name);
        const record = name.endsWith(".json") ? await read(path) : undefined;
        if (record) records.push(record);
        else await removeLeftover(path);
      }
      return records.sort((first, second) => first.createdAt.getTime() - second.createdAt.getTime());
    },
    async dispose() {
      await Promise.all(lastChange.values());
    },
  };
}

/** A file that is no record (cut short by a crash between claim and write) counts as none. */
async function read(path: string): Promise<SessionRecord | undefined> {
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (error) {
    if (codeOf(error) === "ENOENT") return undefined;
    throw new MaskeryError("STORAGE_FAILED", "A session could not be read.", { cause: error });
  }
  try {
    const record = recordSchema.parse(JSON.parse(text));
    return { ...record, data: record.data as Json };
  } catch {
    return undefined;
  }
}

async function write(path: string, record: SessionRecord): Promise<void> {
  const temporary = `${path}.${randomUUID()}.unfinished`;
  await stored(async () => {
    try {
      await writeFile(temporary, JSON.stringify(record), { mode: 0o600 });
      await rename(temporary, path);
    } catch (error) {
      await rm(temporary, { force: true }).catch(() => undefined);
      throw error;
    }
  });
}

/** What a process left half done when it was killed; what is younger may be under way. */
async function removeLeftover(path: string): Promise<void> {
  const found = await stat(path).catch(() => undefined);
  if (found && Date.now() - found.mtimeMs > LEFTOVER_AGE_MS)
    await rm(path, { force: true }).catch(() => undefined);
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : undefined;
}

async function stored<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    if (codeOf(cause) === "EEXIST")
      throw new MaskeryError("CONFLICT", "id: expected a new one, received one that is taken", {
        field: "id",
        cause,
      });
    throw new MaskeryError("STORAGE_FAILED", "A session could not be stored.", { cause });
  }
}
