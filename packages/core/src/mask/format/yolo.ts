import { invalidInput, MaskeryError } from "../../errors.js";
import { wholeNumberBetween } from "../../number-between.js";
import { type ContourOptions, Mask } from "../mask.js";
import type { Ring, Vertex } from "../polygon.js";

/** One object of a YOLO segmentation label file. */
export interface YoloObject {
  /** Position in the data set's list of class names, from 0. */
  readonly classIndex: number;
  readonly mask: Mask;
}

export interface YoloOptions extends Pick<ContourOptions, "tolerancePixels"> {
  /** Digits after the point of the shares of width and height. Default 6: exact up to pictures of 100 000 pixels a side. */
  readonly fractionDigits?: number;
}

/** Above this many pairs of corners rings are joined at their first corners instead of at their nearest ones. */
const MAX_PAIRS = 4e6;

/**
 * Writes a label file in Ultralytics' YOLO segmentation form: a line `class x1 y1 x2 y2 …` for each object, coordinates as
 * shares 0..1 of width and height. The form has one polygon for each object, so several rings are joined into one by
 * bridges of no width, there and back, as Ultralytics' own converters join the parts of an object. `masksFromYolo` and
 * every even-odd fill (OpenCV's `fillPoly`) bring pieces and holes back; a reader that simplifies the polygon, as training
 * does, may turn bridges into hairlines, and one that takes the outline for solid loses the holes.
 * Empty masks are left out.
 * @throws MaskeryError `INVALID_INPUT` for a class index that is no whole number.
 */
export function yoloFromMasks(objects: readonly YoloObject[], options: YoloOptions = {}): string {
  const digits = wholeNumberBetween("fractionDigits", options.fractionDigits, 6, 1, 15);
  const contourOptions =
    options.tolerancePixels === undefined ? {} : { tolerancePixels: options.tolerancePixels };
  const lines: string[] = [];
  objects.forEach(({ classIndex, mask }, index) => {
    const checked = wholeNumberBetween(`objects[${index}].classIndex`, classIndex ?? Number.NaN, 0, 0, 1e6);
    const rings = mask.contours(contourOptions).flatMap(({ outer, holes }) => [outer, ...holes]);
    if (rings.length === 0) return;
    const share = (value: number, length: number): string => String(Number((value / length).toFixed(digits)));
    const numbers = joinRings(rings).flatMap(({ x, y }) => [share(x, mask.width), share(y, mask.height)]);
    lines.push(`${checked} ${numbers.join(" ")}`);
  });
  return lines.length === 0 ? "" : `${lines.join("\n")}\n`;
}

/**
 * Reads a label file; every polygon is filled with the even-odd rule.
 * @param width - Pixels across the picture; `height` likewise down.
 * @throws MaskeryError `INVALID_INPUT` naming the line, also for detection labels (a class and four numbers).
 */
export function masksFromYolo(text: string, width: number, height: number): YoloObject[] {
  if (typeof text !== "string") throw invalidInput("text", "the text of a label file", text);
  return text.split(/\r?\n/).flatMap((line, index) => {
    const words = line.trim().split(/\s+/);
    if (words[0] === "") return [];
    const field = `line ${index + 1}`;
    const [classIndex, ...coordinates] = words.map(Number);
    if (!Number.isSafeInteger(classIndex) || classIndex! < 0)
      throw brokenLine(field, "a class number first", words[0]!);
    if (coordinates.length < 6 || coordinates.length % 2 !== 0) {
      throw brokenLine(
        field,
        "a class and at least three pairs of coordinates",
        `${coordinates.length} numbers`,
      );
    }
    const outOfRange = coordinates.findIndex((value) => !(value >= 0 && value <= 1));
    if (outOfRange >= 0) throw brokenLine(field, "coordinates from 0 to 1", words[outOfRange + 1]!);
    const outer = Array.from({ length: coordinates.length / 2 }, (_, corner) => ({
      x: coordinates[corner * 2]! * width,
      y: coordinates[corner * 2 + 1]! * height,
    }));
    return [
      { classIndex: classIndex!, mask: Mask.fromPolygons([{ outer }], width, height, { rule: "even-odd" }) },
    ];
  });
}

function joinRings(rings: readonly Ring[]): Ring {
  let joined: Vertex[] = [...rings[0]!];
  for (const ring of rings.slice(1)) {
    const [at, from] = nearestCorners(joined, ring);
    joined = [
      ...joined.slice(0, at + 1),
      ...ring.slice(from),
      ...ring.slice(0, from + 1),
      ...joined.slice(at),
    ];
  }
  return joined;
}

function nearestCorners(first: Ring, second: Ring): [first: number, second: number] {
  let best: [number, number] = [0, 0];
  if (first.length * second.length > MAX_PAIRS) return best;
  let least = Number.POSITIVE_INFINITY;
  for (let index = 0; index < first.length; index++) {
    const { x, y } = first[index]!;
    for (let other = 0; other < second.length; other++) {
      const acrossX = second[other]!.x - x;
      const acrossY = second[other]!.y - y;
      const squared = acrossX * acrossX + acrossY * acrossY;
      if (squared < least) {
        least = squared;
        best = [index, other];
      }
    }
  }
  return best;
}

function brokenLine(field: string, expected: string, received: string): MaskeryError {
  return new MaskeryError("INVALID_INPUT", `${field}: expected ${expected}, received ${received}`, { field });
}
