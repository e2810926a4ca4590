import { mkdir, stat } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import {
  MaskeryError,
  type ModelFetchOptions,
  type ModelFile,
  type ModelStore,
  throwIfAborted,
} from "@maskery/core";
import { locateInFolder } from "../files/locate-in-folder.js";
import { createFolderModelStore } from "../stores/folder-model-store.js";
import { checkFile } from "./check-file.js";
import { downloadFromFirst } from "./download-from-first.js";
import { LockLostError, withFileLock } from "./file-lock.js";
import { fileIdentity, readRecord, writeRecord } from "./file-record.js";
import { createHttpClient } from "./http-client.js";
import { modelFolderName } from "./model-folder-name.js";
import { partialPath } from "./partial-file.js";
import { asStorageError } from "./storage-error.js";
import { type ModelStoreOptions, type ModelStoreSettings, modelStoreSettings } from "./store-settings.js";

export interface CreateModelStoreOptions extends ModelStoreOptions {
  /** A folder that already holds files of the model, looked at first and never written to: that of a package, or the user's. */
  readonly folder?: string | undefined;
}

/** Whose files a store gives. */
export interface StoredModel {
  readonly id: string;
  readonly version: string;
}

/** @internal For tests. */
export interface ModelStoreTuning {
  readonly environment?: Readonly<Record<string, string | undefined>>;
  readonly pauseFactor?: number;
}

/**
 * Gives the files of one model: from its own folder, from the folder of downloads, from a mirror, from where the catalogue says,
 * in this order. A download goes on where an earlier one stopped, is checked while it arrives, and happens once however many
 * processes want it; a file is in its place only when it is right. Nothing of the network is loaded before it is needed.
 *
 * A file without a known hash is held to that of its first download.
 * @throws MaskeryError `INVALID_INPUT` for options, in `fetch` what the contract says and `STORAGE_FAILED`.
 */
export function createModelStore(
  model: StoredModel,
  options: CreateModelStoreOptions = {},
  tuning: ModelStoreTuning = {},
): ModelStore {
  const settings = modelStoreSettings(options, tuning.environment);
  const folderName = modelFolderName(model);
  const directory = join(settings.directory, folderName);
  // The folder of downloads itself is looked after below: a wrong file there is replaced.
  const isOwn = options.folder !== undefined && resolve(options.folder) !== directory;
  const ownFolder = isOwn ? createFolderModelStore(options.folder!) : undefined;

  return {
    contractVersion: 1,
    name: "models",
    async fetch(file, fetchOptions = {}) {
      throwIfAborted(fetchOptions.signal);
      const path = locateInFolder(directory, file.name);
      if (ownFolder && (await isInFolder(options.folder!, file))) return ownFolder.fetch(file, fetchOptions);
      const addresses = addressesOf(file, folderName, settings);
      const canReplace = addresses.length > 0 && !settings.offline;
      const check = () => checkDownloaded(path, file, settings, canReplace, fetchOptions);
      if ((await check()) === "right") return { kind: "path", path };
      if (addresses.length === 0) throw notAnywhere(file, model);
      if (settings.offline) throw offlineError(file, model);
      try {
        await mkdir(dirname(path), { recursive: true });
        await downloadOnce(path, settings, file, addresses, { ...fetchOptions, check, ...tuning });
      } catch (error) {
        throw asStorageError(error, file.name, settings.directory);
      }
      return { kind: "path", path };
    },
  };
}

async function isInFolder(folder: string, file: ModelFile): Promise<boolean> {
  const path = locateInFolder(folder, file.name);
  return (
    file.url === undefined ||
    (await stat(path).then(
      (found) => found.isFile(),
      () => false,
    ))
  );
}

/** A file that is there and wrong is replaced; where it cannot be, that is the error to report. */
async function checkDownloaded(
  path: string,
  file: ModelFile,
  settings: ModelStoreSettings,
  canReplace: boolean,
  { signal, onProgress }: ModelFetchOptions,
): Promise<"right" | "missing"> {
  const onBytes = (receivedBytes: number) => onProgress?.({ receivedBytes, totalBytes: file.bytes });
  const found = await checkFile(path, file, { signal, onBytes }).catch((error: unknown) => {
    throw asStorageError(error, file.name, settings.directory);
  });
  if (found.state === "right") return "right";
  if (found.state === "wrong" && !canReplace)
    throw new MaskeryError("MODEL_CORRUPT", `${file.name}: ${found.problem}`);
  return "missing";
}

function addressesOf(file: ModelFile, folderName: string, { mirror }: ModelStoreSettings): URL[] {
  const encodedName = [folderName, ...file.name.split("/")].map(encodeURIComponent).join("/");
  const addresses: URL[] = [];
  // A file of no public origin belongs to a model of the user's own; a mirror may still have it.
  if (mirror) addresses.push(new URL(encodedName, mirror));
  if (file.url !== undefined && URL.canParse(file.url) && /^https?:/.test(file.url))
    addresses.push(new URL(file.url));
  return addresses;
}

interface DownloadOnceOptions extends ModelFetchOptions {
  readonly check: () => Promise<"right" | "missing">;
  readonly pauseFactor?: number;
}

/** Downloads while holding the file's lock; whoever waited for it finds the file there. */
async function downloadOnce(
  path: string,
  settings: ModelStoreSettings,
  file: ModelFile,
  addresses: readonly URL[],
  options: DownloadOnceOptions,
): Promise<void> {
  const onWait = async () => {
    const { size } = await stat(partialPath(path)).catch(() => ({ size: 0 }));
    options.onProgress?.({ receivedBytes: size, totalBytes: file.bytes });
  };
  for (;;) {
    try {
      await withFileLock(
        `${path}.lock`,
        async (lock) => {
          if ((await options.check()) === "right") return;
          const record = await readRecord(path);
          const client = await createHttpClient(settings.network);
          try {
            await downloadFromFirst(addresses, path, settings.directory, file, {
              ...options,
              client,
              sha256: file.sha256?.toLowerCase() ?? record?.sha256,
              beforeWrite: () => lock.ensureHeld(),
              beforeMove: async (sha256) => {
                await lock.verify();
                // Before the file, so that no file is ever without its record.
                await writeRecord(path, { sha256 });
              },
            });
          } finally {
            await client.close();
          }
          await noteIdentity(path);
        },
        { signal: options.signal, onWait },
      );
      return;
    } catch (error) {
      if (!(error instanceof LockLostError)) throw error;
    }
  }
}

async function noteIdentity(path: string): Promise<void> {
  const record = await readRecord(path);
  if (record)
    await writeRecord(path, { ...record, identity: await fileIdentity(path) }).catch(() => undefined);
}

function notAnywhere(file: ModelFile, model: StoredModel): MaskeryError {
  return new MaskeryError(
    "MODEL_NOT_FOUND",
    `${model.id}: ${file.name} is in no folder, and its description does not say where to download it`,
  );
}

function offlineError(file: ModelFile, model: StoredModel): MaskeryError {
  return new MaskeryError(
    "MODEL_UNAVAILABLE",
    `${model.id}: ${file.name} is not on this machine, and downloads are switched off (offline, MASKERY_OFFLINE). Fetch it ` +
      `with "maskery models pull ${model.id}" where there is a network, or bring a bundle made by "maskery models pack".`,
  );
}
