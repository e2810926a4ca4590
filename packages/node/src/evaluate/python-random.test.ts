import { describe, expect, it } from "vitest";
import { PythonRandom } from "./python-random.js";

/** Printed by Python 3.11: `r = random.Random(seed); [r.choice(range(n)) for n in lengths]`. */
const lengths = [1, 2, 3, 5, 7, 10, 100, 255, 1, 1, 6];
const chosenByPython = [
  { seed: 3, chosen: [0, 0, 1, 4, 3, 9, 8, 155, 0, 0, 2] },
  { seed: 0, chosen: [0, 1, 0, 2, 4, 7, 51, 235, 0, 0, 2] },
  { seed: 12345, chosen: [0, 0, 1, 2, 1, 4, 72, 111, 0, 0, 0] },
  { seed: 2 ** 40 + 7, chosen: [0, 1, 2, 1, 4, 6, 66, 184, 0, 0, 3] },
];

describe("PythonRandom", () => {
  it.each(chosenByPython)("chooses as Python does for seed $seed", ({ seed, chosen }) => {
    const random = new PythonRandom(seed);
    expect(lengths.map((length) => random.choice(Array.from({ length }, (_, index) => index)))).toEqual(
      chosen,
    );
  });
});
