import { constants, createReadStream } from "node:fs";
import { copyFile, mkdir, mkdtemp, rename, rm, stat } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import {
  type CallOptions,
  type FileLocation,
  type GraphFile,
  MaskeryError,
  type ModelFile,
  type ModelStore,
  modelFiles,
  throwIfAborted,
} from "@maskery/core";
import { writeWholeFile } from "../files/write-whole-file.js";
import type { AnyModelSpec } from "./find-any-model.js";
import { hashFile } from "./hash-file.js";
import { modelFolderName } from "./model-folder-name.js";
import { asStorageError } from "./storage-error.js";
import { type TarEntry, writeTar } from "./tar-writer.js";

export interface PackModelOptions extends CallOptions {
  /** `"folder"` (default) or one tar file that holds the folder. */
  readonly format?: "folder" | "tar";
}

/**
 * Writes an offline bundle of one model: a folder with its files and a `maskery.json` that knows the hash of each. Such a folder
 * is a model of its own (`createSegmenter({ model: path })`, or `classModel` or `foregroundModel` by its task); put into the model
 * directory it is found by its id, and on a web server it is a mirror.
 * @param spec - Of a model of any task, with the files that the bundle shall have, as `choosePrecision` leaves them.
 * @param store - Gives those files.
 * @param destination - Folder in which the model's folder is made, or path of the tar file. What is there under the same name is
 * replaced when the bundle is whole.
 * @returns Path of the model's folder, or of the tar file.
 * @throws MaskeryError what the store throws, `STORAGE_FAILED`, `ABORTED`.
 */
export async function packModel(
  spec: AnyModelSpec,
  store: ModelStore,
  destination: string,
  { format = "folder", signal }: PackModelOptions = {},
): Promise<string> {
  const files = await Promise.all(
    modelFiles(spec).map(async (file) => locate(file, await store.fetch(file, { signal }), signal)),
  );
  const description = Buffer.from(`${JSON.stringify(describeBundle(spec, files), undefined, 2)}\n`);
  const target = format === "tar" ? resolve(destination) : join(resolve(destination), modelFolderName(spec));
  try {
    await mkdir(dirname(target), { recursive: true });
    if (format === "tar") await writeBundleFile(spec, files, description, target, signal);
    else await writeBundleFolder(files, description, target, signal);
  } catch (error) {
    throw asStorageError(error, spec.id, dirname(target));
  }
  return target;
}

interface PackedFile {
  readonly file: ModelFile & { readonly bytes: number; readonly sha256: string };
  readonly path: string;
}

async function locate(
  file: ModelFile,
  location: FileLocation,
  signal: AbortSignal | undefined,
): Promise<PackedFile> {
  if (location.kind !== "path")
    throw new MaskeryError("INTERNAL", `${file.name}: expected a store that keeps files on the disk`);
  const { path } = location;
  const { size } = await stat(path);
  return { file: { ...file, bytes: size, sha256: file.sha256 ?? (await hashFile(path, { signal })) }, path };
}

/** Says of every file what it is, and nothing of files that the bundle does not have. */
function describeBundle(spec: AnyModelSpec, files: readonly PackedFile[]): object {
  const known = new Map(files.map(({ file }) => [file.name, file]));
  const complete = (graph: GraphFile): GraphFile => {
    const folder = graph.name.slice(0, graph.name.lastIndexOf("/") + 1);
    return {
      ...graph,
      ...known.get(graph.name)!,
      ...(graph.externalData && {
        externalData: graph.externalData.map((data) => ({
          ...known.get(folder + data.name)!,
          name: data.name,
        })),
      }),
    };
  };
  const { variants: _, unreliable: __, ...rest } = spec;
  const graphs = Object.entries(spec.files).map(([part, graph]) => [part, complete(graph)]);
  return { ...rest, files: Object.fromEntries(graphs) };
}

async function writeBundleFolder(
  files: readonly PackedFile[],
  description: Uint8Array,
  target: string,
  signal: AbortSignal | undefined,
): Promise<void> {
  const building = await mkdtemp(`${target}.tmp-`);
  try {
    for (const { file, path } of files) {
      throwIfAborted(signal);
      const copy = join(building, file.name);
      await mkdir(dirname(copy), { recursive: true });
      await copyFile(path, copy, constants.COPYFILE_FICLONE);
    }
    await writeWholeFile(join(building, "maskery.json"), [description]);
    throwIfAborted(signal);
    await rm(target, { recursive: true, force: true });
    await rename(building, target);
  } catch (error) {
    await rm(building, { recursive: true, force: true });
    throw error;
  }
}

async function writeBundleFile(
  spec: AnyModelSpec,
  files: readonly PackedFile[],
  description: Uint8Array,
  target: string,
  signal: AbortSignal | undefined,
): Promise<void> {
  const folder = modelFolderName(spec);
  const entries: TarEntry[] = [
    { name: `${folder}/maskery.json`, bytes: description.byteLength, content: [description] },
    ...files.map(({ file, path }) => ({
      name: `${folder}/${file.name}`,
      bytes: file.bytes,
      content: createReadStream(path) as AsyncIterable<Uint8Array>,
    })),
  ];
  await writeTar(target, entries, signal);
}
