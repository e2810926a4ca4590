import { Mask } from "@maskery/core";
import { describe, expect, it } from "vitest";
import { MAX_PROMPT_MASKS, storeMasks } from "./painter-masks.js";
import type { PainterData } from "./painter-sessions.js";
import { MAX_GENERATIONS, storedGeneration, storeGeneration } from "./stored-generations.js";

const empty: PainterData = {
  uploadKey: "painter/a.png",
  filename: "a.png",
  imageHash: "0",
  bytes: 1,
  width: 2,
  height: 2,
  downloadTag: "image-a",
  nextMaskId: 0,
  masks: {},
};
const mask = { mask: Mask.full(2, 2), score: 1 };
const many = (count: number) => Array.from({ length: count }, () => mask);
const idsOf = ({ masks }: PainterData) =>
  Object.keys(masks)
    .map(Number)
    .sort((first, second) => first - second);

describe("the masks of a session", () => {
  it("keep their numbers while there is room; then the oldest of the clicks go, and no generation's", () => {
    const generated = storeGeneration(empty, many(3), "first").data;
    const full = storeMasks(generated, many(MAX_PROMPT_MASKS));
    expect([full.ids[0], full.dropped]).toEqual([3, []]);
    const beyond = storeMasks(full.data, many(2));
    expect(beyond.ids).toEqual([MAX_PROMPT_MASKS + 3, MAX_PROMPT_MASKS + 4]);
    expect(beyond.dropped).toEqual([3, 4]);
    expect(idsOf(beyond.data).slice(0, 5)).toEqual([0, 1, 2, 5, 6]);
    expect(idsOf(beyond.data)).toHaveLength(MAX_PROMPT_MASKS + 3);
    // More at once than there is room for: all of them have numbers.
    const flood = storeMasks(beyond.data, many(MAX_PROMPT_MASKS + 50));
    expect(idsOf(flood.data)).toEqual([0, 1, 2, ...flood.ids]);
  });

  it("of a generation are stored once, and leave with the oldest of nine", () => {
    let data = storeMasks(empty, many(1)).data;
    for (let number = 0; number <= MAX_GENERATIONS; number++) {
      const stored = storeGeneration(data, many(2), `generation ${number}`);
      expect(stored.dropped).toEqual(number === MAX_GENERATIONS ? [1, 2] : []);
      expect(storeGeneration(stored.data, many(2), `generation ${number}`)).toEqual({
        data: stored.data,
        dropped: [],
      });
      ({ data } = stored);
    }
    expect(storedGeneration(data, "generation 0")).toBeUndefined();
    expect(storedGeneration(data, "generation 1")).toHaveLength(2);
    expect(idsOf(data)).toEqual([0, ...Array.from({ length: 2 * MAX_GENERATIONS }, (_, index) => index + 3)]);
  });
});
