import { stat } from "node:fs/promises";
import {
  choosePrecision,
  type ModelGraphs,
  modelFiles,
  type Precision,
  type PrecisionChoice,
  precisions,
  type Runtime,
} from "@maskery/core";
import { locateInFolder } from "../files/locate-in-folder.js";

export interface ChooseFilesOptions {
  readonly precision?: PrecisionChoice | undefined;
  readonly device?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Settles which files of a model are used. With `"auto"` what suits the device; but where that would have to be downloaded and
 * another reliable precision is complete in the model's folder already, that one.
 * @param runtime - Asked about its device only when the model leaves a choice.
 * @throws MaskeryError `INVALID_INPUT`, `DEVICE_UNAVAILABLE`, `ABORTED`.
 */
export async function chooseFiles<Spec extends ModelGraphs>(
  spec: Spec,
  folder: string,
  runtime: Runtime,
  { precision = "auto", device, signal }: ChooseFilesOptions,
): Promise<Spec> {
  if (precision === "auto" && spec.variants === undefined) return spec;
  const chosenDevice = await runtime.chooseDevice?.({
    workload: "large",
    ...(device !== undefined && { device }),
    ...(signal && { signal }),
  });
  const prefersHalfPrecision = chosenDevice?.prefersHalfPrecision ?? false;
  const wanted = choosePrecision(spec, precision, { prefersHalfPrecision });
  if (precision !== "auto" || (await isComplete(wanted, folder))) return wanted;
  for (const word of orderFor(prefersHalfPrecision)) {
    const other = tryPrecision(spec, word, prefersHalfPrecision);
    if (other && (await isComplete(other, folder))) return other;
  }
  return wanted;
}

function orderFor(prefersHalfPrecision: boolean): readonly Precision[] {
  return prefersHalfPrecision ? ["fp16", ...precisions] : precisions;
}

/** Undefined where the model has no such files, or none that can be relied on. */
function tryPrecision<Spec extends ModelGraphs>(
  spec: Spec,
  precision: Precision,
  prefersHalfPrecision: boolean,
): Spec | undefined {
  try {
    return choosePrecision(spec, precision, { prefersHalfPrecision });
  } catch {
    return undefined;
  }
}

/** Whether all files are there with the sizes they must have. What is in them is checked when they are used. */
export async function isComplete(spec: Pick<ModelGraphs, "files">, folder: string): Promise<boolean> {
  const found = await Promise.all(
    modelFiles(spec).map(async ({ name, bytes }) => {
      const size = await stat(locateInFolder(folder, name)).then(
        (stats) => (stats.isFile() ? stats.size : undefined),
        () => undefined,
      );
      return size !== undefined && (bytes === undefined || size === bytes);
    }),
  );
  return found.every(Boolean);
}
