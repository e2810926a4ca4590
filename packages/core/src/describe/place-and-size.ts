import type { Mask } from "../mask/mask.js";

const FULL_EXTENT = 0.9;

/** Upper limits of the share of the picture, and what such a size is called. */
const sizeWords: readonly (readonly [below: number, word: string])[] = [
  [0.01, "tiny"],
  [0.05, "small"],
  [0.25, "medium-sized"],
  [0.6, "large"],
];

/** `large` and so on, for a share of the picture 0..1. */
export function sizeWord(share: number): string {
  return sizeWords.find(([below]) => share < below)?.[1] ?? "very large";
}

/** A share 0..1 as people write it: `42%`, `0.4%`, `under 0.1%`. Never 100% for less than everything. */
export function percentText(share: number): string {
  if (share <= 0) return "0%";
  if (share < 0.001) return "under 0.1%";
  if (share < 0.0095) return `${(share * 100).toFixed(1)}%`;
  if (share < 1 && share >= 0.995) return "over 99%";
  return `${Math.round(share * 100)}%`;
}

/** Where a mask lies, by the centre of its pixels and by what it spans: `in the top left`, `across the width, at the bottom`, …. */
export function placePhrase(mask: Mask): string {
  const { width, height, bbox, centroid } = mask;
  if (!centroid) return "nowhere";
  const column = thirdOf((centroid.x + 0.5) / width, ["left", "centre", "right"]);
  const row = thirdOf((centroid.y + 0.5) / height, ["top", "middle", "bottom"]);
  const isWide = bbox.width >= FULL_EXTENT * width;
  const isHigh = bbox.height >= FULL_EXTENT * height;
  if (isWide && isHigh) return "across the whole picture";
  if (isWide) return row === "middle" ? "across the middle" : `across the width, at the ${row}`;
  if (isHigh) return `over the full height, ${column === "centre" ? "in the centre" : `on the ${column}`}`;
  if (row === "middle") return column === "centre" ? "in the centre" : `on the ${column}`;
  return `in the ${row} ${column}`;
}

function thirdOf<Word extends string>(share: number, words: readonly [Word, Word, Word]): Word {
  return words[share < 1 / 3 ? 0 : share < 2 / 3 ? 1 : 2];
}
