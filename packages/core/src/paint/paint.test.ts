import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Mask } from "../mask/mask.js";
import { paint } from "./paint.js";
import type { PaintLayer } from "./paint-layer.js";
import { Painter } from "./painter.js";
import { flatImage, pixelAt, randomImage, randomMaskOfSize } from "./test-support.js";

const rectangle = (
  width: number,
  height: number,
  x: number,
  y: number,
  columns: number,
  rows: number,
): Mask => {
  const bitmap = new Uint8Array(width * height);
  for (let row = y; row < y + rows; row++) bitmap.fill(1, row * width + x, row * width + x + columns);
  return Mask.fromBitmap(bitmap, width, height);
};

describe("paint", () => {
  it("changes the mask's pixels and no others, and never the input", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1e6 }), fc.boolean(), (seed, shading) => {
        const image = randomImage(seed, 17, 13, seed % 2 === 0);
        const before = image.data.slice();
        const mask = randomMaskOfSize(seed, 17, 13);
        const result = paint(image, [{ mask, color: "#123456", keepShading: shading }]);
        expect(image.data).toEqual(before);
        const inside = mask.toBitmap();
        inside.forEach((covered, pixel) => {
          const after = Array.from(result.data.subarray(pixel * 4, pixel * 4 + 4));
          if (covered === 0) expect(after).toEqual(Array.from(before.subarray(pixel * 4, pixel * 4 + 4)));
          else if (!shading) expect(after).toEqual([0x12, 0x34, 0x56, 255]);
        });
      }),
      { numRuns: 60 },
    );
  });

  it("lays layers on in order", () => {
    const image = flatImage(4, 4, [0, 0, 0, 255]);
    const mask = Mask.full(4, 4);
    const result = paint(image, [
      { mask, color: "white" },
      { mask: rectangle(4, 4, 0, 0, 2, 4), color: "rgb(255 0 0)", blend: "multiply", opacity: 0.5 },
    ]);
    expect(pixelAt(result, 0, 0)).toEqual([255, 128, 128, 255]);
    expect(pixelAt(result, 3, 0)).toEqual([255, 255, 255, 255]);
    expect(paint(image, []).data).toEqual(Uint8ClampedArray.from(image.data));
  });

  it("takes the colour's own alpha into account", () => {
    const result = paint(flatImage(1, 1, [0, 0, 0, 255]), [
      { mask: Mask.full(1, 1), color: "#ffffff80", opacity: 0.5 },
    ]);
    expect(pixelAt(result, 0, 0)).toEqual([64, 64, 64, 255]);
  });

  it("softens edges by feather and by the mask's own alpha", () => {
    const image = flatImage(20, 5, [0, 0, 0, 255]);
    const mask = rectangle(20, 5, 0, 0, 10, 5);
    const soft = paint(image, [{ mask, color: "white", feather: 3 }]);
    const row = Array.from({ length: 20 }, (_, x) => pixelAt(soft, x, 2)[0]!);
    for (let x = 1; x < 20; x++) expect(row[x]).toBeLessThanOrEqual(row[x - 1]!);
    expect(row[9]! + row[10]!).toBeGreaterThan(253);
    expect(row[9]! + row[10]!).toBeLessThan(257);
    const gray = Uint8Array.from({ length: 100 }, (_, index) => (index % 20 === 4 ? 51 : 0));
    const own = paint(image, [
      { mask: mask.with({ alpha: { width: 20, height: 5, gray } }), color: "white" },
    ]);
    expect(pixelAt(own, 4, 2)[0]).toBe(51);
    expect(pixelAt(own, 3, 2)[0]).toBe(0);
  });

  it("paints gradients across the mask's box", () => {
    const image = flatImage(12, 10, [9, 9, 9, 255]);
    const mask = rectangle(12, 10, 2, 0, 8, 10);
    const stops = [
      { at: 0, color: "black" },
      { at: 1, color: "white" },
    ];
    const down = paint(image, [{ mask, gradient: { type: "linear", stops } }]);
    for (let y = 1; y < 10; y++) expect(pixelAt(down, 4, y)[0]).toBeGreaterThan(pixelAt(down, 4, y - 1)[0]!);
    const right = paint(image, [{ mask, gradient: { type: "linear", angle: 90, stops } }]);
    for (let x = 3; x < 10; x++)
      expect(pixelAt(right, x, 4)[0]).toBeGreaterThan(pixelAt(right, x - 1, 4)[0]!);
    expect(pixelAt(right, 1, 4)).toEqual([9, 9, 9, 255]);
    const outwards = paint(image, [{ mask, gradient: { type: "radial", stops } }]);
    expect(pixelAt(outwards, 5, 4)[0]).toBeLessThan(pixelAt(outwards, 2, 0)[0]!);
  });

  it("mixes gradient colours in OKLab and lends clear ends no colour", () => {
    const mask = Mask.full(1, 3);
    const grays = paint(flatImage(1, 3, [0, 0, 0, 255]), [
      {
        mask,
        gradient: {
          type: "linear",
          stops: [
            { at: 0, color: "black" },
            { at: 1, color: "white" },
          ],
        },
      },
    ]);
    // Half of OKLab lightness is an eighth of linear light: sRGB 99.
    expect(Math.abs(pixelAt(grays, 0, 1)[0]! - 99)).toBeLessThanOrEqual(1);
    const fading = paint(flatImage(1, 3, [0, 0, 0, 0]), [
      {
        mask,
        gradient: {
          type: "linear",
          stops: [
            { at: 0, color: "#ff0000" },
            { at: 1, color: "#0000ff00" },
          ],
        },
      },
    ]);
    const [red, green, blue, alpha] = pixelAt(fading, 0, 1);
    expect([red, green, blue]).toEqual([255, 0, 0]);
    expect(Math.abs(alpha! - 128)).toBeLessThanOrEqual(1);
  });

  it("repeats patterns from the picture's corner", () => {
    const tile = { width: 2, height: 1, data: Uint8Array.of(255, 0, 0, 255, 0, 0, 255, 255) };
    const image = flatImage(6, 2, [0, 0, 0, 255]);
    const result = paint(image, [{ mask: Mask.full(6, 2), pattern: { image: tile } }]);
    expect(Array.from({ length: 6 }, (_, x) => pixelAt(result, x, 1)[0])).toEqual([255, 0, 255, 0, 255, 0]);
    const moved = paint(image, [
      { mask: Mask.full(6, 2), pattern: { image: tile, offset: { x: -1, y: 5 } } },
    ]);
    expect(Array.from({ length: 6 }, (_, x) => pixelAt(moved, x, 1)[0])).toEqual([0, 255, 0, 255, 0, 255]);
    const wide = paint(image, [
      { mask: Mask.full(6, 2), pattern: { image: flatImage(1, 1, [7, 8, 9, 255]), scale: 3 } },
    ]);
    expect(pixelAt(wide, 5, 1)).toEqual([7, 8, 9, 255]);
  });

  const good = { mask: Mask.full(4, 4), color: "red" };
  it.each<[unknown, string]>([
    [null, "layers[1]"],
    [{ ...good, mask: Mask.full(4, 5) }, "layers[1].mask"],
    [{ ...good, mask: "mask" }, "layers[1].mask"],
    [{ ...good, color: "redd" }, "layers[1].color"],
    [{ ...good, opacity: 2 }, "layers[1].opacity"],
    [{ ...good, opacity: "1" }, "layers[1].opacity"],
    [{ ...good, blend: "plus" }, "layers[1].blend"],
    [{ ...good, feather: -1 }, "layers[1].feather"],
    [{ ...good, keepShading: 1.5 }, "layers[1].keepShading"],
    [{ mask: good.mask }, "layers[1]"],
    [{ ...good, gradient: { type: "linear", stops: [] } }, "layers[1]"],
    [{ mask: good.mask, gradient: { type: "linear", stops: [] } }, "layers[1].gradient.stops"],
    [
      { mask: good.mask, gradient: { type: "conic", stops: [{ at: 0, color: "red" }] } },
      "layers[1].gradient.type",
    ],
    [
      {
        mask: good.mask,
        gradient: {
          type: "linear",
          stops: [
            { at: 0.5, color: "red" },
            { at: 0.2, color: "red" },
          ],
        },
      },
      "layers[1].gradient.stops[1].at",
    ],
    [
      { mask: good.mask, gradient: { type: "linear", stops: [{ at: 0, color: "rred" }] } },
      "layers[1].gradient.stops[0].color",
    ],
    [{ mask: good.mask, pattern: { image: "a.png" } }, "layers[1].pattern.image"],
    [
      { mask: good.mask, pattern: { image: flatImage(1, 1, [0, 0, 0, 0]), scale: 0 } },
      "layers[1].pattern.scale",
    ],
  ])("names what is wrong: %#", (layer, field) => {
    const run = () => paint(flatImage(4, 4, [1, 2, 3, 255]), [good, layer as PaintLayer]);
    expect(run).toThrow(expect.objectContaining({ code: "INVALID_INPUT", field }));
  });

  it("refuses pictures whose buffer does not fit", () => {
    expect(() => paint({ width: 2, height: 2, data: new Uint8Array(15) }, [])).toThrow(
      expect.objectContaining({ field: "image.data" }),
    );
    expect(() => paint(flatImage(1, 1, [0, 0, 0, 0]), "red" as never)).toThrow(
      expect.objectContaining({ field: "layers" }),
    );
  });
});

describe("Painter", () => {
  it("gathers layers without changing earlier painters", () => {
    const image = flatImage(2, 2, [0, 0, 0, 255]);
    const first = new Painter(image).add({ mask: Mask.full(2, 2), color: "red" });
    const second = first.add({ mask: rectangle(2, 2, 0, 0, 1, 1), color: "blue" });
    expect(pixelAt(first.render(), 0, 0)).toEqual([255, 0, 0, 255]);
    expect(pixelAt(second.render(), 0, 0)).toEqual([0, 0, 255, 255]);
    expect(second.layers).toHaveLength(2);
    expect(() => first.add({ mask: Mask.full(2, 3), color: "red" })).toThrow(
      expect.objectContaining({ field: "layers[1].mask" }),
    );
    expect(first.layers).toHaveLength(1);
  });
});
