import { describe, expect, it } from "vitest";
import { bitmapFromRuns, runsFromBitmap } from "../../mask/bitmap.js";
import { removeSmall } from "./reference.test-support.js";
import { removeSmallRegions } from "./small-regions.js";
import { hash } from "./synthetic.test-support.js";

const parse = (picture: string) => {
  const rows = picture.trim().split(/\s+/);
  return {
    bitmap: Uint8Array.from(rows.join(""), (sign) => (sign === "#" ? 1 : 0)),
    width: rows[0]!.length,
    height: rows.length,
  };
};

function clean(picture: string, minArea: number) {
  const { bitmap, width, height } = parse(picture);
  const { runs, changed } = removeSmallRegions(runsFromBitmap(bitmap, width, height), width, height, minArea);
  const rows = Array.from({ length: height }, (_, y) =>
    Array.from(bitmapFromRuns(runs, width, height, 1).subarray(y * width, (y + 1) * width), (value) =>
      value ? "#" : ".",
    ).join(""),
  );
  return { picture: rows.join(" "), changed };
}

describe("removeSmallRegions", () => {
  it("fills holes and removes islands below the limit, not at it", () => {
    expect(clean("###.. #.#.. ###.# .....", 2)).toEqual({
      picture: "###.. ###.. ###.. .....",
      changed: true,
    });
    expect(clean("###.. #.#.. ###.# .....", 1)).toEqual({
      picture: "###.. #.#.. ###.# .....",
      changed: false,
    });
    expect(clean("#..## ...## ...##", 1).changed).toBe(false);
    expect(clean("#..## ...## ...##", 2).picture).toBe("...## ...## ...##");
  });

  it("joins pixels that touch at a corner, in holes too", () => {
    expect(clean("##### #.### ##.## #####", 2).changed).toBe(false);
    expect(clean("##### #.### ##.## #####", 3).picture).toBe("##### ##### ##### #####");
  });

  it("counts background at the picture's border as a hole", () => {
    expect(clean(".#### ##### #####", 2).picture).toBe("##### ##### #####");
  });

  it("keeps the largest island when all are small, of equal ones the first row by row", () => {
    expect(clean("....... .##...# .....## .......", 10)).toEqual({
      picture: "....... ......# .....## .......",
      changed: true,
    });
    expect(clean("...... .....# .#...# .#.... ......", 9).picture).toBe("...... .....# .....# ...... ......");
    expect(clean("##. ... ...", 4)).toEqual({ picture: "##. ... ...", changed: true });
  });

  it("leaves an empty mask empty", () => {
    expect(clean("... ...", 2)).toEqual({ picture: "... ...", changed: false });
  });

  it("equals the slow implementation on random masks", () => {
    for (let round = 0; round < 300; round++) {
      const width = 1 + Math.floor(hash(round, 1) * 20);
      const height = 1 + Math.floor(hash(round, 2) * 20);
      const limit = Math.floor(hash(round, 3) * 12);
      const density = hash(round, 4);
      const bitmap = Uint8Array.from({ length: width * height }, (_, index) =>
        hash(round, 5, index) < density ? 1 : 0,
      );
      const holes = removeSmall(bitmap, width, height, limit, "holes");
      const islands = removeSmall(holes.bitmap, width, height, limit, "islands");
      const cleaned = removeSmallRegions(runsFromBitmap(bitmap, width, height), width, height, limit);
      expect(cleaned.changed, `round ${round}`).toBe(holes.changed || islands.changed);
      expect(bitmapFromRuns(cleaned.runs, width, height, 1), `round ${round}`).toEqual(islands.bitmap);
    }
  });
});
