import { invalidInput, type Point } from "@maskery/core";
import { asTyped, parseDecimal } from "./parse-numbers.js";

/** A point as it stood on the command line. */
export interface PointArgument extends Point {
  readonly text: string;
}

/**
 * Reads `x,y` or `x,y,label`.
 * @param index - Which `--point` it is, counted from 0, for messages.
 * @throws MaskeryError `INVALID_INPUT` naming option and member, for example `--point 5,NaN (points[0].y)`.
 */
export function parsePoint(text: string, index: number): PointArgument {
  const name = (member: string) => `--point ${asTyped(text)} (points[${index}]${member})`;
  const parts = text.split(",");
  if (parts.length < 2 || parts.length > 3) throw invalidInput(name(""), "x,y or x,y,label", text);
  const coordinate = (axis: "x" | "y", part: string): number => {
    const value = parseDecimal(part);
    if (value === undefined) throw invalidInput(name(`.${axis}`), "a finite number", part);
    return value;
  };
  const x = coordinate("x", parts[0]!);
  const y = coordinate("y", parts[1]!);
  const label = (parts[2] ?? "1").trim();
  if (label !== "0" && label !== "1") throw invalidInput(name(".label"), "0 or 1", parts[2]);
  return { x, y, label: label === "0" ? 0 : 1, text };
}
