import { readFile } from "node:fs/promises";
import { describeValue, MaskeryError } from "@maskery/core";
import type { ChosenObject } from "./choose-objects.js";
import type { DatasetImage } from "./read-dataset.js";

/**
 * Reads a list of objects: `[{ "image": "cat.jpg", "map": 0, "value": 3 }, …]` (`map` is the picture's first when left
 * out), or a report of `maskery evaluate --json`, whose `objects` have the same form.
 * @throws MaskeryError `NOT_FOUND`; `INVALID_INPUT`, also for an object whose label map the dataset does not hold.
 */
export async function readSelection(path: string, images: readonly DatasetImage[]): Promise<ChosenObject[]> {
  const text = await readFile(path, "utf8").catch((cause: unknown) => {
    const message = `--selection: expected a file that can be read, received ${describeValue(path)}`;
    throw new MaskeryError("NOT_FOUND", message, { cause, field: "--selection" });
  });
  const list = listIn(parseJson(text));
  if (list === undefined) throw refuse("", "a list of objects, or a report that has one", "something else");
  if (list.length === 0) throw refuse("", "at least one object", "none");
  const imagesByName = new Map(images.map((image) => [image.name, image]));
  return list.map((entry, index) => readEntry(entry, `[${index}]`, imagesByName));
}

function readEntry(entry: unknown, name: string, images: ReadonlyMap<string, DatasetImage>): ChosenObject {
  if (typeof entry !== "object" || entry === null) throw refuse(name, "an object", describeValue(entry));
  const { image: imageName, map, value } = entry as Record<keyof ChosenObject, unknown>;
  const image = typeof imageName === "string" ? images.get(imageName) : undefined;
  if (!image)
    throw refuse(`${name}.image`, "the name of a labelled picture in the folder", describeValue(imageName));
  const maps = image.labelMaps.map(({ number }) => number);
  const chosenMap = map ?? maps[0];
  if (typeof chosenMap !== "number" || !maps.includes(chosenMap)) {
    throw refuse(`${name}.map`, `a label map of ${image.name}: ${maps.join(", ")}`, describeValue(map));
  }
  if (!Number.isSafeInteger(value) || (value as number) < 1) {
    throw refuse(`${name}.value`, "a whole number above 0", describeValue(value));
  }
  return { image: image.name, map: chosenMap, value: value as number };
}

function listIn(json: unknown): readonly unknown[] | undefined {
  if (Array.isArray(json)) return json;
  const objects = typeof json === "object" && json !== null && "objects" in json ? json.objects : undefined;
  return Array.isArray(objects) ? objects : undefined;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new MaskeryError("INVALID_INPUT", "--selection: expected JSON, received something else", {
      cause,
      field: "--selection",
    });
  }
}

function refuse(name: string, expected: string, received: string): MaskeryError {
  const field = `--selection${name}`;
  return new MaskeryError("INVALID_INPUT", `${field}: expected ${expected}, received ${received}`, { field });
}
