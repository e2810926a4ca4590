import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { MaskeryError } from "@maskery/core";

/** One picture of a dataset and its label maps. */
export interface DatasetImage {
  /** File name, for reports and selections. */
  readonly name: string;
  readonly path: string;
  /** What comes before the first `_` of the name; the whole dataset is one source when no name has one. */
  readonly source: string;
  /** In ascending order of their numbers. */
  readonly labelMaps: readonly { readonly number: number; readonly path: string }[];
}

const IMAGE_NAME = /^(.+)\.(jpe?g|png|webp|tiff?|bmp)$/i;
const LABEL_MAP_NAME = /^(.+)\.(\d+)\.png$/i;

/**
 * Lists a folder of pictures `name.jpg` (or png, webp, tiff, bmp) with label maps `name.0.png`, `name.1.png`, …, in the
 * order of their names. Pictures without a label map are left out.
 * @throws MaskeryError `NOT_FOUND` for a folder that cannot be read, `INVALID_INPUT` for one without labelled pictures.
 */
export async function readDataset(folder: string): Promise<DatasetImage[]> {
  const names = await readNames(folder);
  const stems = new Map<string, string>();
  const labelMaps = new Map<string, { number: number; path: string }[]>();
  const others: string[] = [];
  for (const name of names) {
    const labelMap = LABEL_MAP_NAME.exec(name);
    if (labelMap) {
      const [, stem, number] = labelMap as unknown as [string, string, string];
      const found = labelMaps.get(stem) ?? [];
      found.push({ number: Number(number), path: join(folder, name) });
      labelMaps.set(stem, found);
    } else others.push(name);
  }
  for (const name of others) {
    const stem = IMAGE_NAME.exec(name)?.[1];
    if (stem === undefined || !labelMaps.has(stem)) continue;
    const twin = stems.get(stem);
    if (twin !== undefined) {
      throw new MaskeryError(
        "INVALID_INPUT",
        `${folder}: expected one picture for each label map, received ${twin} and ${name}`,
      );
    }
    stems.set(stem, name);
  }
  if (stems.size === 0) {
    throw new MaskeryError(
      "INVALID_INPUT",
      `${folder}: expected pictures name.jpg with label maps name.0.png, received ${names.length} files of other names`,
    );
  }
  return [...stems].map(([stem, name]) => ({
    name,
    path: join(folder, name),
    source: stem.includes("_") ? stem.slice(0, stem.indexOf("_")) : "",
    labelMaps: labelMaps.get(stem)!.sort((first, second) => first.number - second.number),
  }));
}

async function readNames(folder: string): Promise<string[]> {
  try {
    // Sorted by code units, so that the order does not depend on a file system or a locale.
    return (await readdir(folder)).sort();
  } catch (cause) {
    throw new MaskeryError(
      "NOT_FOUND",
      `dir: expected a folder that can be read, received ${JSON.stringify(folder)}`,
      {
        cause,
        field: "dir",
      },
    );
  }
}
