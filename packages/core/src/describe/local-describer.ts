import { throwIfAborted } from "../cancellation.js";
import type { RgbaImage } from "../image/rgba-image.js";
import { Mask } from "../mask/mask.js";
import { wholeNumberBetween } from "../number-between.js";
import { pause } from "../pause.js";
import { checkDescribed } from "./check-described.js";
import type { DescribedMask, Describer } from "./describer.js";
import { colorPhrase, colorShares } from "./dominant-colors.js";
import { relationOf } from "./mask-relations.js";
import { namesPhrase, objectTitles } from "./object-titles.js";
import { percentText, placePhrase, sizeWord } from "./place-and-size.js";

/** Changes whenever the same picture and masks would get other words. */
const WORDING_VERSION = 1;

const DEFAULT_MAX_TEXT_LENGTH = 1200;
const LEAST_TEXT_LENGTH = 200;
const MOST_TEXT_LENGTH = 20_000;
const DEFAULT_MAX_OBJECTS = 12;
const MOST_OBJECTS = 200;

export interface LocalDescriberOptions {
  /** No text is longer, in UTF-16 code units: 200 to 20,000. Default 1200. */
  readonly maxTextLength?: number;
  /** Objects that get a sentence of their own, largest first: 1 to 200. Default 12; the others are only counted. */
  readonly maxObjects?: number;
  /** Whether to name colours. Default true. */
  readonly colors?: boolean;
  /** Whether to say which objects overlap, touch or lie in one another. Default true. */
  readonly relations?: boolean;
}

/**
 * A describer that measures and asks nobody: counts, names where they are given, sizes as shares of the picture, places,
 * dominant colours by name, and which objects meet. In English, the same words for the same input on every platform.
 * @throws MaskeryError `INVALID_INPUT` naming the option at fault.
 * @example
 * // "A picture of 640 × 480 pixels, mostly light blue. 2 objects are marked: kite, tree. Together they cover 31% of it. …"
 */
export function createLocalDescriber(options: LocalDescriberOptions = {}): Describer {
  const maxTextLength = wholeNumberBetween(
    "maxTextLength",
    options.maxTextLength,
    DEFAULT_MAX_TEXT_LENGTH,
    LEAST_TEXT_LENGTH,
    MOST_TEXT_LENGTH,
  );
  const maxObjects = wholeNumberBetween(
    "maxObjects",
    options.maxObjects,
    DEFAULT_MAX_OBJECTS,
    1,
    MOST_OBJECTS,
  );
  const colors = options.colors ?? true;
  const relations = options.relations ?? true;

  return {
    contractVersion: 1,
    name: "local",
    id: `local ${WORDING_VERSION} ${maxTextLength} ${maxObjects} ${colors} ${relations}`,
    abilities: { network: false, maxTextLength },

    async describe(image, masks, { signal } = {}) {
      throwIfAborted(signal);
      checkDescribed(image, masks);
      const empty = masks.filter(({ mask }) => mask.isEmpty).length;
      // Sorting keeps the caller's order among equals, so the text does not depend on the engine.
      const objects = masks
        .filter(({ mask }) => !mask.isEmpty)
        .sort((first, second) => second.mask.area - first.mask.area);
      const titles = objectTitles(objects.map(({ name }) => name));
      const color = colors ? colorPhrase(colorShares(image, Mask.full(image.width, image.height))) : "";
      const withNames = overview(image, objects, {
        names: namesPhrase(objects.map(({ name }) => name)),
        empty,
        color,
      });
      // Without names it is always short enough.
      const start =
        withNames.length <= maxTextLength ? withNames : overview(image, objects, { names: "", empty, color });
      const own: string[] = [];
      for (const [index, { mask }] of objects.slice(0, maxObjects).entries()) {
        await pause();
        throwIfAborted(signal);
        const facts = [
          `${capitalised(titles[index]!)}: ${sizeWord(shareOf(mask))} (${percentText(shareOf(mask))} of the picture)`,
          placePhrase(mask),
          ...(colors ? [colorPhrase(colorShares(image, mask))] : []),
          ...(relations ? relationPhrases(mask, objects.slice(0, index), titles) : []),
        ];
        own.push(`${facts.filter((fact) => fact !== "").join(", ")}.`);
      }
      return { text: fitSentences(start, own, objects.length, maxTextLength), source: "local" };
    },
  };
}

const shareOf = (mask: Mask): number => mask.area / (mask.width * mask.height);

function overview(
  image: RgbaImage,
  objects: readonly DescribedMask[],
  { names, empty, color }: { readonly names: string; readonly empty: number; readonly color: string },
): string {
  const sentences = [`A picture of ${image.width} × ${image.height} pixels${color && `, ${color}`}.`];
  if (objects.length === 0) sentences.push("No object is marked.");
  else {
    const counted = objects.length === 1 ? "1 object is marked" : `${objects.length} objects are marked`;
    sentences.push(`${counted}${names && `: ${names}`}.`);
    if (objects.length > 1) {
      const together = shareOf(Mask.merge(objects.map(({ mask }) => mask)));
      sentences.push(`Together they cover ${percentText(together)} of it.`);
    }
  }
  if (empty > 0) sentences.push(empty === 1 ? "1 mask is empty." : `${empty} masks are empty.`);
  return sentences.join(" ");
}

/** Told relations, and the words for them. Two objects that lie apart, or around one another, are no news. */
const relationWords = [
  ["same", "almost the same as"],
  ["inside", "inside"],
  ["overlapping", "overlapping"],
  ["touching", "next to"],
] as const;

/** How a mask lies to the larger ones before it; so each pair is told once. */
function relationPhrases(mask: Mask, larger: readonly DescribedMask[], titles: readonly string[]): string[] {
  const relations = larger.map((other) => relationOf(mask, other.mask));
  return relationWords.flatMap(([relation, words]) => {
    const others = titles.filter((_, index) => relations[index] === relation);
    return others.length > 0 ? [`${words} ${listed(others)}`] : [];
  });
}

/** The overview and as many whole sentences after it as fit, with a count of the objects that got none. */
function fitSentences(
  overviewText: string,
  own: readonly string[],
  objects: number,
  maxTextLength: number,
): string {
  const withSentences = (told: number) => {
    const left = objects - told;
    const rest =
      told === 0 || left === 0 ? [] : [left === 1 ? "1 more is smaller." : `${left} more are smaller.`];
    return [overviewText, ...own.slice(0, told), ...rest].join(" ");
  };
  for (let told = own.length; told > 0; told--) {
    const text = withSentences(told);
    if (text.length <= maxTextLength) return text;
  }
  return overviewText;
}

function capitalised(title: string): string {
  return title.charAt(0).toUpperCase() + title.slice(1);
}

function listed(titles: readonly string[]): string {
  return titles.length < 2 ? titles.join("") : `${titles.slice(0, -1).join(", ")} and ${titles.at(-1)}`;
}
