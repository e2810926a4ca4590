import { float32Tensor } from "@maskery/core";
import { describe, expect, test } from "vitest";
import { createKeptFeeds } from "./kept-feeds.js";
import { packFeeds } from "./pack-feeds.js";

/** Eight bytes. */
const tensor = (value: number) => float32Tensor(Float32Array.of(value, value), [2]);

describe("feeds that a worker keeps", () => {
  const pack = (kept: ReturnType<typeof createKeptFeeds>, ...tensors: ReturnType<typeof tensor>[]) => {
    const feeds = Object.fromEntries(tensors.map((value, index) => [`feed${index}`, value]));
    return packFeeds(feeds, [], Object.keys(feeds), kept);
  };

  test("are sent once", () => {
    const kept = createKeptFeeds(() => undefined);
    const lasting = tensor(1);
    const first = pack(kept, lasting);
    expect(first.feeds).toEqual([["feed0", { tensor: lasting, keepAs: 1 }]]);
    expect(first.transfer).toHaveLength(1);
    expect(pack(kept, lasting)).toEqual({
      feeds: [["feed0", { kept: 1, type: "float32", dims: [2] }]],
      forget: [],
      fresh: [],
      transfer: [],
    });
  });

  test("make room for others, least recently used first, and never for want of themselves", () => {
    const kept = createKeptFeeds(() => undefined, 24);
    const [one, two, three, four] = [tensor(1), tensor(2), tensor(3), tensor(4)];
    pack(kept, one, two, three);
    pack(kept, one);
    expect(pack(kept, four).forget).toEqual([2]);
    expect(pack(kept, two)).toMatchObject({ forget: [3], fresh: [5] });
    expect(kept.find(one)).toBe(1);
    // Four at once do not fit, but all are in use.
    expect(pack(kept, one, two, three, four).forget).toEqual([]);
    expect(pack(kept, one).forget).toEqual([5]);
  });

  test("beyond the bound are sent every time", () => {
    const kept = createKeptFeeds(() => undefined, 7);
    const lasting = tensor(1);
    for (let round = 0; round < 2; round++) {
      expect(pack(kept, lasting)).toMatchObject({ feeds: [["feed0", { tensor: lasting }]], fresh: [] });
    }
  });

  test("are sent again when the message with them could not be sent", () => {
    const kept = createKeptFeeds(() => undefined);
    const lasting = tensor(1);
    kept.strike(pack(kept, lasting).fresh);
    expect(pack(kept, lasting).feeds[0]?.[1]).toHaveProperty("tensor");
  });
});
