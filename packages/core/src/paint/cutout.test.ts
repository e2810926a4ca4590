import { describe, expect, it } from "vitest";
import { MaskeryError } from "../errors.js";
import { Mask } from "../mask/mask.js";
import { cutout } from "./cutout.js";
import { flatImage, pixelAt, randomImage, randomMaskOfSize } from "./test-support.js";

const square = (width: number, height: number, x: number, y: number, side: number): Mask => {
  const bitmap = new Uint8Array(width * height);
  for (let row = y; row < y + side; row++) bitmap.fill(1, row * width + x, row * width + x + side);
  return Mask.fromBitmap(bitmap, width, height);
};

describe("cutout", () => {
  it("keeps exactly the mask's pixels and clears the rest", () => {
    for (let seed = 0; seed < 50; seed++) {
      const image = randomImage(seed, 13, 9, seed % 2 === 0);
      const mask = randomMaskOfSize(seed, 13, 9);
      const before = image.data.slice();
      const result = cutout(image, mask);
      expect(image.data).toEqual(before);
      const inside = mask.toBitmap();
      for (let pixel = 0; pixel < inside.length; pixel++) {
        const own = Array.from(image.data.subarray(pixel * 4, pixel * 4 + 4));
        const kept = inside[pixel] === 1 && own[3] !== 0;
        expect(Array.from(result.data.subarray(pixel * 4, pixel * 4 + 4))).toEqual(kept ? own : [0, 0, 0, 0]);
      }
    }
  });

  it("crops to the box, with padding beyond the picture", () => {
    const image = randomImage(1, 10, 8);
    const mask = square(10, 8, 1, 2, 3);
    const result = cutout(image, mask, { crop: true, padding: 2 });
    expect([result.width, result.height]).toEqual([7, 7]);
    expect(pixelAt(result, 2, 2)).toEqual(pixelAt(image, 1, 2));
    expect(pixelAt(result, 4, 4)).toEqual(pixelAt(image, 3, 4));
    expect(pixelAt(result, 0, 0)).toEqual([0, 0, 0, 0]);
  });

  it("puts a colour, a picture or the blurred background behind", () => {
    const image = flatImage(12, 12, [200, 0, 0, 255]);
    const mask = square(12, 12, 4, 4, 4);
    expect(pixelAt(cutout(image, mask, { background: "#0000ff" }), 0, 0)).toEqual([0, 0, 255, 255]);
    expect(pixelAt(cutout(image, mask, { background: "#0000ff80" }), 0, 0)).toEqual([0, 0, 255, 128]);
    const picture = flatImage(3, 5, [1, 2, 3, 255]);
    expect(pixelAt(cutout(image, mask, { background: { image: picture } }), 11, 11)).toEqual([1, 2, 3, 255]);
    expect(pixelAt(cutout(image, mask, { background: { blur: 3 } }), 0, 11)).toEqual([200, 0, 0, 255]);
  });

  it("does not let the object bleed into the blurred background", () => {
    const image = flatImage(40, 40, [0, 0, 255, 255]);
    for (let y = 15; y < 25; y++)
      for (let x = 15; x < 25; x++) image.data.set([255, 0, 0, 255], (y * 40 + x) * 4);
    const result = cutout(image, square(40, 40, 15, 15, 10), { background: { blur: 5 } });
    expect(pixelAt(result, 14, 14)).toEqual([0, 0, 255, 255]);
    expect(pixelAt(result, 15, 15)).toEqual([255, 0, 0, 255]);
  });

  it("draws shadow and outline behind the object", () => {
    const image = flatImage(30, 30, [0, 255, 0, 255]);
    const mask = square(30, 30, 10, 10, 8);
    const outlined = cutout(image, mask, { outline: { pixels: 2, color: "white" } });
    expect(pixelAt(outlined, 9, 12)).toEqual([255, 255, 255, 255]);
    expect(pixelAt(outlined, 7, 12)).toEqual([0, 0, 0, 0]);
    expect(pixelAt(outlined, 12, 12)).toEqual([0, 255, 0, 255]);
    const shadowed = cutout(image, mask, {
      shadow: { offsetX: 4, offsetY: 0, blur: 0, opacity: 0.4, color: "black" },
    });
    expect(pixelAt(shadowed, 19, 12)).toEqual([0, 0, 0, 102]);
    expect(pixelAt(shadowed, 12, 12)).toEqual([0, 255, 0, 255]);
    expect(pixelAt(shadowed, 9, 12)).toEqual([0, 0, 0, 0]);
  });

  it("softens the edge", () => {
    const image = flatImage(20, 20, [9, 9, 9, 255]);
    const result = cutout(image, square(20, 20, 5, 5, 10), { feather: 2 });
    expect(pixelAt(result, 10, 10)).toEqual([9, 9, 9, 255]);
    const [inside, outside] = [pixelAt(result, 5, 10)[3]!, pixelAt(result, 4, 10)[3]!];
    expect(inside).toBeGreaterThan(outside);
    expect(outside).toBeGreaterThan(0);
  });

  it("cuts out with the colours that refine found", () => {
    const image = flatImage(2, 1, [200, 0, 0, 255]);
    const alpha = { width: 2, height: 1, gray: Uint8Array.of(255, 128) };
    const mask = Mask.full(2, 1).with({ alpha, foreground: flatImage(2, 1, [0, 0, 200, 255]) });
    expect(pixelAt(cutout(image, mask), 1, 0)).toEqual([0, 0, 200, 128]);
    // Another edge than the one the colours were made for.
    expect(pixelAt(cutout(image, mask, { feather: 1 }), 0, 0)).toEqual([200, 0, 0, 255]);
  });

  it("removes the old background's colour from a soft edge", () => {
    const image = flatImage(40, 20, [255, 0, 0, 255]);
    const mask = square(40, 20, 0, 0, 20);
    const soft = cutout(image, mask, { feather: 3 });
    // A picture whose edge really is a blend of blue on red.
    for (let y = 0; y < 20; y++) {
      for (let x = 0; x < 40; x++) {
        const alpha = pixelAt(soft, x, y)[3]! / 255;
        image.data.set([Math.round(255 * (1 - alpha)), 0, Math.round(255 * alpha), 255], (y * 40 + x) * 4);
      }
    }
    const clean = cutout(image, mask, { feather: 3, decontaminate: true });
    for (let x = 0; x < 40; x++) {
      const [red, , blue, alpha] = pixelAt(clean, x, 10);
      if (alpha! < 40) continue;
      expect(red!).toBeLessThan(30);
      expect(blue!).toBeGreaterThan(225);
    }
  });

  it.each([
    [{ padding: -1 }, "padding"],
    [{ feather: Number.NaN }, "feather"],
    [{ background: "greenish" }, "background"],
    [{ background: { image: 3 } }, "background.image"],
    [{ background: 7 }, "background"],
    [{ shadow: { opacity: 2 } }, "shadow.opacity"],
    [{ outline: { color: "nope" } }, "outline.color"],
  ])("names the option at fault: %j", (options, field) => {
    const run = () => cutout(flatImage(4, 4, [0, 0, 0, 255]), Mask.full(4, 4), options as never);
    expect(run).toThrow(expect.objectContaining({ code: "INVALID_INPUT", field }));
  });

  it("refuses results that no memory holds", () => {
    const run = () =>
      cutout(flatImage(4, 4, [0, 0, 0, 255]), Mask.full(4, 4), { crop: true, padding: 10_000 });
    expect(run).toThrow(expect.objectContaining({ code: "IMAGE_TOO_LARGE" }));
  });

  it("refuses masks that do not fit and crops of nothing", () => {
    const image = flatImage(4, 4, [0, 0, 0, 255]);
    expect(() => cutout(image, Mask.full(4, 5))).toThrow(
      "mask: expected a mask of 4 × 4, the size of the picture, received 4 × 5",
    );
    expect(() => cutout(image, Mask.empty(4, 4), { crop: true })).toThrow(MaskeryError);
    expect(Array.from(cutout(image, Mask.empty(4, 4)).data)).toEqual(new Array(64).fill(0));
  });
});
