import { type CallOptions, throwIfAborted } from "@maskery/core";
import { objectShares, readLabelMap } from "./label-map.js";
import { PythonRandom } from "./python-random.js";
import type { DatasetImage } from "./read-dataset.js";

/** Objects smaller or larger than these shares of their picture are left out: specks and backgrounds. */
export const SMALLEST_SHARE = 0.005;
export const LARGEST_SHARE = 0.7;

/** Python's seed under which the published numbers of the built-in model were measured. */
export const DEFAULT_SEED = 3;

/** One object to evaluate on: a value in one label map of one picture. */
export interface ChosenObject {
  /** File name of the picture. */
  readonly image: string;
  /** Number of the label map. */
  readonly map: number;
  readonly value: number;
}

export interface ChooseOptions extends CallOptions {
  /** One random object of each label map, or every one. */
  readonly objects: "one" | "all";
  /** The label map of the lowest number, or all of them. */
  readonly maps: "first" | "all";
  readonly seed: number;
  readonly onProgress?: (done: number, total: number) => void;
}

/**
 * Chooses objects whose share of the picture lies strictly between the two bounds. `one` draws as Python does:
 * `random.Random(seed)`, the label maps in order of name and number, one `choice` over the ascending values of each map
 * that has any.
 */
export async function chooseObjects(
  images: readonly DatasetImage[],
  options: ChooseOptions,
): Promise<ChosenObject[]> {
  const random = new PythonRandom(options.seed);
  const chosen: ChosenObject[] = [];
  for (const [index, image] of images.entries()) {
    throwIfAborted(options.signal);
    options.onProgress?.(index, images.length);
    for (const { number, path } of options.maps === "first" ? image.labelMaps.slice(0, 1) : image.labelMaps) {
      const shares = objectShares(await readLabelMap(path));
      const values = [...shares].flatMap(([value, share]) =>
        share > SMALLEST_SHARE && share < LARGEST_SHARE ? [value] : [],
      );
      if (values.length === 0) continue;
      for (const value of options.objects === "one" ? [random.choice(values)] : values) {
        chosen.push({ image: image.name, map: number, value });
      }
    }
  }
  return chosen;
}

/** `count` elements spread evenly over a list, so that every part of it is represented; all of a shorter list. */
export function spreadEvenly<Element>(elements: readonly Element[], count: number): Element[] {
  if (count >= elements.length) return [...elements];
  return Array.from(
    { length: count },
    (_, index) => elements[Math.floor((index * elements.length) / count)]!,
  );
}
