import { describe, expect, it } from "vitest";
import { Mask } from "../mask/mask.js";
import { MaskCollection } from "./mask-collection.js";

const image = { width: 10, height: 6 };

const block = (x0: number, y0: number, x1: number, y1: number, score?: number): Mask => {
  const bitmap = new Uint8Array(60);
  for (let y = y0; y < y1; y++) bitmap.fill(1, y * 10 + x0, y * 10 + x1);
  return Mask.fromBitmap(bitmap, 10, 6, { score });
};

describe("MaskCollection", () => {
  it("gives ids in order and keeps names", () => {
    const masks = new MaskCollection(image);
    masks.add(block(0, 0, 2, 2), { id: "m2" });
    expect(masks.add(block(0, 0, 2, 2), { name: "roof" })).toMatchObject({ id: "m1", name: "roof" });
    expect(masks.add(block(0, 0, 2, 2)).id).toBe("m3");
    expect([...masks].map(({ id }) => id)).toEqual(["m2", "m1", "m3"]);
  });

  it("finds the smallest mask at a pixel; equal areas by score", () => {
    const masks = new MaskCollection(image);
    masks.add(block(0, 0, 10, 6), { id: "all" });
    masks.add(block(2, 2, 5, 5, 0.6), { id: "weak" });
    masks.add(block(3, 2, 6, 5, 0.9), { id: "strong" });
    expect(masks.at(4, 3).map(({ id }) => id)).toEqual(["strong", "weak", "all"]);
    expect(masks.at(2, 2).map(({ id }) => id)).toEqual(["weak", "all"]);
    expect(masks.at(20, 2)).toEqual([]);
    expect(masks.smallestAt(4, 3)?.id).toBe("strong");
    expect(masks.smallestAt(9.4, 5.2)?.id).toBe("all");
    expect(masks.smallestAt(20, 2)).toBeUndefined();
    expect(masks.smallestAt(Number.NaN, 2)).toBeUndefined();
  });

  it("takes the smallest stable mask before smaller ones that are not", () => {
    const masks = new MaskCollection(image);
    masks.add({ mask: block(0, 0, 8, 6, 0.9), stabilityScore: 0.9 }, { id: "stable" });
    masks.add({ mask: block(2, 2, 5, 5, 0.9), stabilityScore: 0.6 }, { id: "shaky" });
    masks.add(block(3, 3, 4, 4, 0.1), { id: "doubtful" });
    expect(masks.at(3, 3).map(({ id }) => id)).toEqual(["stable", "doubtful", "shaky"]);
    expect(masks.smallestAt(3, 3)).toMatchObject({ id: "stable", stability: 0.9 });
    masks.add(block(3, 3, 5, 5), { id: "drawn by hand" });
    expect(masks.smallestAt(3, 3)?.id).toBe("drawn by hand");
  });

  it("knows at once of masks that come and go", () => {
    const masks = new MaskCollection(image);
    masks.add(block(0, 0, 10, 6), { id: "all" });
    expect(masks.smallestAt(1, 1)?.id).toBe("all");
    masks.add(block(0, 0, 2, 2), { id: "corner" });
    expect(masks.smallestAt(1, 1)?.id).toBe("corner");
    masks.delete("corner");
    expect(masks.at(1, 1).map(({ id }) => id)).toEqual(["all"]);
    masks.clear();
    expect(masks.smallestAt(1, 1)).toBeUndefined();
  });

  it("refuses other sizes, taken ids and unknown ids", () => {
    const masks = new MaskCollection(image);
    masks.add(block(0, 0, 2, 2), { id: "a" });
    expect(() => masks.add(Mask.full(3, 3))).toThrow('mask: expected a mask of 10 × 6, received "3 × 3"');
    expect(() => masks.add(block(0, 0, 1, 1), { id: "a" })).toThrow('id: expected a new one, received "a"');
    expect(() => masks.get("b")).toThrow(expect.objectContaining({ code: "NOT_FOUND", field: "id" }));
  });

  it("forgets", () => {
    const masks = new MaskCollection(image);
    masks.add(block(0, 0, 2, 2), { id: "a" });
    expect(masks.delete("a")).toBe(true);
    expect(masks.delete("a")).toBe(false);
    expect(masks.size).toBe(0);
  });
});
