import type { Stats } from "node:fs";
import { readFile, stat } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { type FileLocation, type GraphFiles, MaskeryError } from "@maskery/core";
import { dropUntypedValues } from "./drop-untyped-values.js";
import type { GraphWorkerSetup } from "./graph-protocol.js";

export interface GraphSources extends Pick<GraphWorkerSetup, "model" | "externalData" | "externalFolder"> {
  /** Copies made here, to be moved into the worker. */
  readonly transfer: readonly ArrayBuffer[];
}

/**
 * What tells files from others without reading them: paths, sizes and times. Undefined when any of them comes as bytes.
 * @throws MaskeryError `MODEL_NOT_FOUND` when a path names no file.
 */
export async function graphIdentity({ model, externalData = [] }: GraphFiles): Promise<string | undefined> {
  const parts: string[] = [];
  for (const { name, location } of [{ name: "", location: model }, ...externalData]) {
    if (location.kind !== "path") return undefined;
    const path = resolve(location.path);
    const { size, mtimeMs, ctimeMs, ino } = await checkFileExists(path);
    parts.push(JSON.stringify([name, path, size, mtimeMs, ctimeMs, ino]));
  }
  return parts.join();
}

/** Size of a graph with its external data. Files that do not exist count nothing. */
export async function graphBytes({ model, externalData = [] }: GraphFiles): Promise<number> {
  let bytes = 0;
  for (const location of [model, ...externalData.map((data) => data.location)]) {
    bytes +=
      location.kind === "bytes"
        ? location.bytes.byteLength
        : ((await stat(location.path).catch(() => undefined))?.size ?? 0);
  }
  return bytes;
}

/** How messages name a graph: never with its whole path. */
export function graphTitle({ model }: GraphFiles): string {
  return model.kind === "path" ? basename(model.path) : `model of ${model.bytes.byteLength} bytes`;
}

/**
 * Makes the files of a graph ready for a worker. Bytes are copied, because they stay the caller's; paths are
 * checked.
 * @throws MaskeryError `MODEL_NOT_FOUND` when a path names no file.
 */
export async function prepareGraphSources({ model, externalData = [] }: GraphFiles): Promise<GraphSources> {
  const transfer: ArrayBuffer[] = [];
  const toSource = async (location: FileLocation): Promise<string | Uint8Array> => {
    if (location.kind === "path") {
      await checkFileExists(location.path);
      return resolve(location.path);
    }
    const copy = new Uint8Array(location.bytes);
    transfer.push(copy.buffer);
    return copy;
  };

  const modelSource = await toSource(model);
  const remaining: { name: string; source: string | Uint8Array }[] = [];
  for (const { name, location } of externalData) {
    const source = await toSource(location);
    // Data that lies where the graph looks for it is mapped by the engine itself, without passing through our
    // memory.
    const foundByEngine = typeof modelSource === "string" && source === join(dirname(modelSource), name);
    if (!foundByEngine) remaining.push({ name, source });
  }
  return { model: modelSource, externalData: remaining, transfer };
}

/**
 * The files of a graph whose model the engine refused, with the model mended in memory; the files stay as they are.
 * @returns Undefined where there is nothing that could be mended.
 * @throws MaskeryError as `prepareGraphSources`.
 */
export async function repairGraphSources(files: GraphFiles): Promise<GraphSources | undefined> {
  const sources = await prepareGraphSources(files);
  const { model, transfer } = sources;
  if (typeof model !== "string") return dropUntypedValues(model) > 0 ? sources : undefined;
  // Node reads no more than 2 GiB at once, and a larger file is no ONNX graph.
  const read = await readFile(model).catch(() => undefined);
  if (!read || dropUntypedValues(read) === 0) return undefined;
  // Node may keep small files in memory that they share with others, which cannot be moved into a worker.
  const bytes = read.byteLength === read.buffer.byteLength ? read : new Uint8Array(read);
  return {
    ...sources,
    model: bytes,
    externalFolder: dirname(model),
    transfer: [...transfer, bytes.buffer as ArrayBuffer],
  };
}

async function checkFileExists(path: string): Promise<Stats> {
  const found = await stat(path).catch(() => undefined);
  if (found?.isFile()) return found;
  throw new MaskeryError("MODEL_NOT_FOUND", `${basename(path)}: no such model file`);
}
