import type { Runs } from "./runs.js";

/** How several masks become one; `subtract` takes the second and all further masks away from the first. */
export type MaskOperation = "union" | "intersect" | "subtract" | "xor";

export const maskOperations = [
  "union",
  "intersect",
  "subtract",
  "xor",
] as const satisfies readonly MaskOperation[];

/** Bit `first + 2 * second` says whether a pixel with these memberships stays. */
const truthTables: Record<MaskOperation, number> = {
  union: 0b1110,
  intersect: 0b1000,
  subtract: 0b0010,
  xor: 0b0110,
};

/**
 * Combines two masks of one size in one walk over both lists.
 * @param pixels - Width × height.
 */
export function combineRuns(first: Runs, second: Runs, operation: MaskOperation, pixels: number): Runs {
  const table = truthTables[operation];
  const result = new Uint32Array(first.length + second.length);
  let length = 0;
  let runStart = 0;
  let inside = 0;
  let firstIndex = 0;
  let secondIndex = 0;
  let firstEnd = first[0]!;
  let secondEnd = second[0]!;
  for (;;) {
    const position = firstEnd < secondEnd ? firstEnd : secondEnd;
    if (position >= pixels) break;
    if (firstEnd === position) firstEnd += first[++firstIndex]!;
    if (secondEnd === position) secondEnd += second[++secondIndex]!;
    const now = (table >> ((firstIndex & 1) | ((secondIndex & 1) << 1))) & 1;
    if (now === inside) continue;
    inside = now;
    result[length++] = position - runStart;
    runStart = position;
  }
  result[length++] = pixels - runStart;
  return result.slice(0, length);
}

/** Foreground and background exchanged. */
export function invertRuns(runs: Runs): Runs {
  if (runs[0] === 0) return runs.slice(1);
  const result = new Uint32Array(runs.length + 1);
  result.set(runs, 1);
  return result;
}

/**
 * Combines any number of masks of one size: neighbours in pairs, then the results in pairs, so each run is copied
 * `log2(masks)` times at most, and overlaps vanish early.
 * @param list - At least one.
 */
export function combineManyRuns(list: readonly Runs[], operation: MaskOperation, pixels: number): Runs {
  if (operation === "subtract") {
    if (list.length === 1) return list[0]!;
    return combineRuns(list[0]!, combineManyRuns(list.slice(1), "union", pixels), "subtract", pixels);
  }
  let level = [...list];
  while (level.length > 1) {
    const next: Runs[] = [];
    for (let index = 0; index < level.length; index += 2) {
      const second = level[index + 1];
      next.push(second ? combineRuns(level[index]!, second, operation, pixels) : level[index]!);
    }
    level = next;
  }
  return level[0]!;
}
