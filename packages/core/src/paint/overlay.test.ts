import { describe, expect, it } from "vitest";
import { Mask } from "../mask/mask.js";
import { overlay } from "./overlay.js";
import { flatImage, pixelAt, randomImage, randomMaskOfSize } from "./test-support.js";

const leftHalf = (width: number, height: number): Mask =>
  Mask.fromBitmap(
    Array.from({ length: width * height }, (_, index) => (index % width < width / 2 ? 1 : 0)),
    width,
    height,
  );

describe("overlay", () => {
  it("fills by opacity and leaves the rest and the input alone", () => {
    const image = flatImage(20, 10, [100, 100, 100, 255]);
    const before = image.data.slice();
    const result = overlay(image, [leftHalf(20, 10)], {
      opacity: 0.5,
      outlinePixels: 0,
      palette: ["#ff0000"],
    });
    expect(image.data).toEqual(before);
    expect(pixelAt(result, 3, 3)).toEqual([178, 50, 50, 255]);
    expect(pixelAt(result, 15, 3)).toEqual([100, 100, 100, 255]);
  });

  it("outlines inside the border in the full colour, with a dark line beyond", () => {
    const result = overlay(flatImage(20, 10, [255, 255, 255, 255]), [leftHalf(20, 10)], {
      opacity: 0,
      outlinePixels: 2,
      palette: ["#ff0000"],
    });
    expect(pixelAt(result, 9, 5)).toEqual([255, 0, 0, 255]);
    expect(pixelAt(result, 8, 5)).toEqual([255, 0, 0, 255]);
    expect(pixelAt(result, 6, 5)).toEqual([255, 255, 255, 255]);
    expect(pixelAt(result, 10, 5)[0]).toBeLessThan(150);
    // The picture's own edge is no border.
    expect(pixelAt(result, 0, 5)).toEqual([255, 255, 255, 255]);
  });

  it("writes labels from a list or a function, inside the picture", () => {
    const image = flatImage(60, 40, [0, 0, 0, 255]);
    const mask = leftHalf(60, 40);
    const plain = overlay(image, [mask], { outlinePixels: 0 });
    expect(overlay(image, [mask], { outlinePixels: 0, labels: [""] }).data).toEqual(plain.data);
    const labelled = overlay(image, [mask], { outlinePixels: 0, labels: ["cat é"] });
    expect(labelled.data).not.toEqual(plain.data);
    expect(overlay(image, [mask], { outlinePixels: 0, labels: () => "cat é" }).data).toEqual(labelled.data);
    expect(pixelAt(labelled, 0, 0)).toEqual([230, 159, 0, 255]);
  });

  it("takes many masks, empty ones too", () => {
    const image = randomImage(3, 32, 24, true);
    const masks = [
      Mask.empty(32, 24),
      Mask.full(32, 24),
      ...Array.from({ length: 20 }, (_, seed) => randomMaskOfSize(seed, 32, 24)),
    ];
    const result = overlay(image, masks, { labels: (_mask, index) => `${index}` });
    expect([result.width, result.height]).toEqual([32, 24]);
  });

  it.each([
    [{ opacity: 2 }, "opacity"],
    [{ palette: [] }, "palette"],
    [{ palette: ["red", "rred"] }, "palette[1]"],
    [{ labelScale: 1.5 }, "labelScale"],
    [{ outlinePixels: -1 }, "outlinePixels"],
  ])("names the option at fault: %j", (options, field) => {
    const run = () => overlay(flatImage(4, 4, [0, 0, 0, 255]), [], options);
    expect(run).toThrow(expect.objectContaining({ code: "INVALID_INPUT", field }));
  });

  it("names the mask that does not fit", () => {
    const run = () => overlay(flatImage(4, 4, [0, 0, 0, 255]), [Mask.full(4, 4), Mask.full(5, 4)]);
    expect(run).toThrow(expect.objectContaining({ code: "INVALID_INPUT", field: "masks[1]" }));
  });
});
