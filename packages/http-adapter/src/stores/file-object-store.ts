import { randomUUID } from "node:crypto";
import { createReadStream } from "node:fs";
import { type FileHandle, mkdir, open, readdir, rename, rm, rmdir, stat, unlink } from "node:fs/promises";
import { basename, dirname, join, relative, resolve, sep } from "node:path";
import { Readable } from "node:stream";
import { abortError, invalidInput, MaskeryError, throwIfAborted } from "@maskery/core";
import { contentTypeOf, extensionOf } from "./content-types.js";
import { checkObjectKey } from "./object-key.js";
import type { ObjectInfo, ObjectStore } from "./object-store.js";

export interface FileObjectStoreOptions {
  /** Folder of the files; made when it is first needed. */
  readonly directory: string;
}

/** Files that are being written begin so; they are no objects yet. */
const UNFINISHED = ".unfinished-";
const LEFTOVER_AGE_MS = 24 * 60 * 60 * 1000;
const MOST_TRIES = 10;

/**
 * Keeps each object as a file whose path is its key, so that an operator finds `uploads/…` as documented. The content
 * type is that of the key's ending: keys say what they hold.
 */
export function createFileObjectStore({ directory }: FileObjectStoreOptions): ObjectStore {
  if (typeof directory !== "string" || directory === "")
    throw invalidInput("directory", "the path of a folder", directory);
  const root = resolve(directory);
  const pathOf = (key: string) => join(root, ...checkObjectKey(key).split("/"));

  return {
    contractVersion: 1,
    name: `files ${root}`,
    async put(key, content, { contentType, signal }) {
      const path = pathOf(key);
      if (contentTypeOf(key) !== contentType)
        throw invalidInput("key", `a name that ends in .${extensionOf(contentType)} for ${contentType}`, key);
      throwIfAborted(signal);
      const temporary = join(dirname(path), `${UNFINISHED}${randomUUID()}-${basename(path).slice(-40)}`);
      let file: FileHandle | undefined;
      try {
        file = await create(temporary);
        // Each chunk is on disk before the next one is taken; a stream between would hold some more of them.
        for await (const chunk of content instanceof Uint8Array ? [content] : content) {
          throwIfAborted(signal);
          await file.writeFile(chunk);
        }
        await file.close();
        await rename(temporary, path);
        return infoOf(key, await stat(path));
      } catch (cause) {
        await file?.close().catch(() => undefined);
        await rm(temporary, { force: true }).catch(() => undefined);
        if (signal?.aborted) throw abortError(signal);
        throw isSystemError(cause) ? storageFailed(cause) : cause;
      }
    },
    async get(key, { signal } = {}) {
      throwIfAborted(signal);
      const path = pathOf(key);
      const found = await statFile(path);
      if (!found) return undefined;
      return {
        ...infoOf(key, found),
        stream: () => Readable.toWeb(createReadStream(path)) as ReadableStream<Uint8Array>,
      };
    },
    async delete(key) {
      const path = pathOf(key);
      if (!(await statFile(path))) return false;
      try {
        await unlink(path);
      } catch (error) {
        // Somebody else was quicker.
        if (codeOf(error) === "ENOENT") return false;
        throw storageFailed(error);
      }
      await removeEmptyFolders(dirname(path), root);
      return true;
    },
    async list(prefix) {
      const entries = await readdir(root, { recursive: true, withFileTypes: true }).catch(
        (error: unknown) => {
          if (codeOf(error) === "ENOENT") return [];
          throw storageFailed(error);
        },
      );
      const infos: ObjectInfo[] = [];
      for (const entry of entries) {
        if (!entry.isFile()) continue;
        const path = join(entry.parentPath, entry.name);
        if (entry.name.startsWith(UNFINISHED)) {
          await removeLeftover(path);
          continue;
        }
        const key = relative(root, path).split(sep).join("/");
        if (!key.startsWith(prefix)) continue;
        const found = await statFile(path);
        if (found) infos.push(infoOf(key, found));
      }
      return infos.sort((first, second) => first.createdAt.getTime() - second.createdAt.getTime());
    },
    async dispose() {},
  };
}

function infoOf(key: string, found: { readonly size: number; readonly mtime: Date }): ObjectInfo {
  return { key, bytes: found.size, contentType: contentTypeOf(key), createdAt: found.mtime };
}

async function statFile(path: string) {
  try {
    const found = await stat(path);
    return found.isFile() ? found : undefined;
  } catch (error) {
    if (codeOf(error) === "ENOENT" || codeOf(error) === "ENOTDIR") return undefined;
    throw storageFailed(error);
  }
}

/** A session's folder goes with its last file. */
async function removeEmptyFolders(folder: string, root: string): Promise<void> {
  if (folder === root || !folder.startsWith(root + sep)) return;
  try {
    await rmdir(folder);
  } catch {
    // Not empty: somebody stores there.
    return;
  }
  await removeEmptyFolders(dirname(folder), root);
}

/** Makes a new file with its folder; another caller may be removing that folder because it is empty. */
async function create(path: string): Promise<FileHandle> {
  for (let tries = 0; ; tries++) {
    await mkdir(dirname(path), { recursive: true });
    try {
      return await open(path, "wx", 0o600);
    } catch (error) {
      if (codeOf(error) !== "ENOENT" || tries >= MOST_TRIES) throw error;
    }
  }
}

/** What a process left half done when it was killed; what is younger may be under way. */
async function removeLeftover(path: string): Promise<void> {
  const found = await stat(path).catch(() => undefined);
  if (found && Date.now() - found.mtimeMs > LEFTOVER_AGE_MS)
    await rm(path, { force: true }).catch(() => undefined);
}

function storageFailed(cause: unknown): MaskeryError {
  return new MaskeryError("STORAGE_FAILED", `The file store failed (${codeOf(cause) ?? "unknown error"}).`, {
    cause,
  });
}

function isSystemError(error: unknown): boolean {
  return !MaskeryError.is(error) && codeOf(error) !== undefined && /^E[A-Z]+$/.test(codeOf(error)!);
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : undefined;
}
