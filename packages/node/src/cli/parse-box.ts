import { type Box, invalidInput } from "@maskery/core";
import { asTyped, parseDecimal } from "./parse-numbers.js";

/** A box as it stood on the command line. */
export interface BoxArgument extends Box {
  readonly text: string;
}

const corners = ["x0", "y0", "x1", "y1"] as const;

/**
 * Reads `x0,y0,x1,y1`.
 * @param index - Which `--box` it is, counted from 0, for messages.
 * @throws MaskeryError `INVALID_INPUT` naming option and member, for example `--box 1,2,3,x (box.y1)`.
 */
export function parseBox(text: string, index: number): BoxArgument {
  const name = (member: string) => `--box ${asTyped(text)} (boxes[${index}]${member})`;
  const parts = text.split(",");
  if (parts.length !== corners.length) throw invalidInput(name(""), "x0,y0,x1,y1", text);
  const [x0, y0, x1, y1] = corners.map((corner, position) => {
    const value = parseDecimal(parts[position]!);
    if (value === undefined) throw invalidInput(name(`.${corner}`), "a finite number", parts[position]);
    return value;
  }) as [number, number, number, number];
  return { x0, y0, x1, y1, text };
}
