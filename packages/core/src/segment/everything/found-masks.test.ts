import { expect, it } from "vitest";
import type { Cut } from "./candidate.js";
import { FoundMasks } from "./found-masks.js";

const crop = { index: 0, box: { x0: 0, y0: 0, x1: 4, y1: 4, layer: 0 } };
const cut = (name: number): Cut => ({
  candidate: {
    crop,
    order: name,
    point: [name, 0],
    predictedIou: 0.9,
    region: undefined,
    lattice: undefined as never,
  },
  stabilityScore: 1,
  level: 0,
  area: 1,
  box: { minX: 0, minY: 0, maxX: 0, maxY: 0 },
  runs: Uint32Array.of(0, 1, 15),
});
const sameHeir = (heir: Cut) => ({ heirOf: () => heir });
const founds = () =>
  new FoundMasks({
    image: { width: 4, height: 4 },
    output: { codec: undefined as never },
    outputMode: "coco_rle",
  });

it("names what a new mask replaces", () => {
  const [one, two, better] = [cut(1), cut(2), cut(3)];
  const found = founds();
  const first = found.show({ cuts: [one, two], heirOf: (own) => own });
  expect(first.map((mask) => [mask.id, mask.replaces])).toEqual([
    [1, undefined],
    [2, undefined],
  ]);
  const second = found.show({ cuts: [better], ...sameHeir(better) });
  expect(second.map((mask) => [mask.id, mask.replaces])).toEqual([[3, [1, 2]]]);
  expect(found.of(better)).toBe(second[0]);
});

it("shows a mask again under a new id when it takes the place of one that leaves", () => {
  const [one, two] = [cut(1), cut(2)];
  const found = founds();
  found.show({ cuts: [one, two], heirOf: (own) => own });
  const again = found.show({ cuts: [one], ...sameHeir(one) });
  expect(again.map((mask) => [mask.id, mask.replaces, mask.pointCoords[0][0]])).toEqual([[3, [1, 2], 1]]);
  expect(found.of(one)).toBe(again[0]);
  expect(found.shownCount).toBe(1);
});
