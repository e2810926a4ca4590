import { invalidInput, MaskeryError } from "../errors.js";
import type { Runs } from "./runs.js";

/** COCO's compressed form: `size` is `[height, width]`. Escape the string when writing JSON: it can hold backslashes. */
export interface CocoRle {
  readonly size: readonly [height: number, width: number];
  readonly counts: string;
}

/** COCO's uncompressed form: lengths in column-major order, background first. */
export interface UncompressedRle {
  readonly size: readonly [height: number, width: number];
  readonly counts: readonly number[];
}

const CHARACTER_BASE = 48;
const DATA_BITS = 5;
const DATA_MASK = 0x1f;
const MORE_FOLLOWS = 0x20;
const SIGN_BIT = 0x10;
/** Seven characters carry 35 bits, more than any picture needs. */
const MAX_CHARACTERS_PER_VALUE = 7;

/**
 * Writes run lengths as COCO's string: from the fourth value on the difference to the value two before, in groups of five
 * bits, lowest first. Source: cocodataset/cocoapi, common/maskApi.c (rleToString).
 */
export function compressRuns(runs: Runs): string {
  const characters: string[] = [];
  for (let index = 0; index < runs.length; index++) {
    let value = index > 2 ? runs[index]! - runs[index - 2]! : runs[index]!;
    for (let more = true; more; ) {
      // Arithmetic instead of 32-bit shifts: lengths of very large masks exceed them.
      const group = ((value % 32) + 32) % 32;
      value = (value - group) / 32;
      more = (group & SIGN_BIT) !== 0 ? value !== -1 : value !== 0;
      characters.push(String.fromCharCode((group | (more ? MORE_FOLLOWS : 0)) + CHARACTER_BASE));
    }
  }
  return characters.join("");
}

/** @throws MaskeryError `INVALID_INPUT` for a character outside the alphabet or a string that ends inside a value. */
export function decompressCounts(text: string, field = "counts"): number[] {
  const counts: number[] = [];
  let position = 0;
  while (position < text.length) {
    let value = 0;
    let factor = 1;
    for (let characters = 1; ; characters++) {
      const code = text.charCodeAt(position) - CHARACTER_BASE;
      if (position >= text.length || characters > MAX_CHARACTERS_PER_VALUE || !(code >= 0 && code < 64)) {
        throw new MaskeryError(
          "INVALID_INPUT",
          `${field}: expected a COCO run-length string, broken at character ${position}`,
          { field },
        );
      }
      position++;
      value += (code & DATA_MASK) * factor;
      factor *= 1 << DATA_BITS;
      if ((code & MORE_FOLLOWS) === 0) {
        if ((code & SIGN_BIT) !== 0) value -= factor;
        break;
      }
    }
    counts.push(counts.length > 2 ? value + counts[counts.length - 2]! : value);
  }
  return counts;
}

/**
 * Checks lengths from outside and brings them to normal form.
 * @throws MaskeryError `INVALID_INPUT` when a length is negative or no whole number, or the sum is not `width * height`.
 */
export function normalizeCounts(
  counts: ArrayLike<number>,
  width: number,
  height: number,
  field = "counts",
): Runs {
  const runs: number[] = [0];
  let total = 0;
  for (let index = 0; index < counts.length; index++) {
    const length = counts[index]!;
    if (!Number.isSafeInteger(length) || length < 0)
      throw invalidInput(`${field}[${index}]`, "a whole number of pixels", length);
    total += length;
    if (length === 0) continue;
    const last = runs.length - 1;
    if ((last & 1) === (index & 1)) runs[last]! += length;
    else runs.push(length);
  }
  if (total !== width * height)
    throw invalidInput(field, `lengths that sum to ${width * height} (${width} × ${height})`, total);
  return Uint32Array.from(runs);
}
