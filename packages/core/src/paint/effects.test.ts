import { describe, expect, it } from "vitest";
import { labelMapFromMasks } from "../mask/format/label-map.js";
import { Mask } from "../mask/mask.js";
import { blurWindow } from "./blur-image.js";
import { contactSheet } from "./contact-sheet.js";
import { blurBackground, blurRegion, desaturateBackground, pixelate } from "./effects.js";
import { extractObjects } from "./extract-objects.js";
import { highlight } from "./highlight.js";
import { labelMapPicture } from "./label-picture.js";
import { resizeImage } from "./resize-image.js";
import { flatImage, pixelAt, randomImage, randomMaskOfSize } from "./test-support.js";

const left = (width: number, height: number, columns: number): Mask =>
  Mask.fromBitmap(
    Array.from({ length: width * height }, (_, index) => (index % width < columns ? 1 : 0)),
    width,
    height,
  );

describe("blur", () => {
  it("comes close to a Gaussian", () => {
    const [width, height, deviation] = [61, 61, 4];
    const image = flatImage(width, height, [0, 0, 0, 255]);
    const values = image.data as Uint8Array;
    // A block instead of one pixel, so that bytes can show the tails.
    for (let y = 25; y <= 35; y++)
      for (let x = 25; x <= 35; x++) values.set([255, 255, 255, 255], (y * width + x) * 4);
    const blurred = blurWindow(image, { x: 0, y: 0, width, height }, deviation);
    const kernel = Array.from({ length: 61 }, (_, index) =>
      Math.exp(-((index - 30) ** 2) / (2 * deviation * deviation)),
    );
    const sum = kernel.reduce((total, value) => total + value, 0);
    const along = (position: number): number => {
      let total = 0;
      for (let source = 25; source <= 35; source++) total += (kernel[30 + position - source] ?? 0) / sum;
      return total;
    };
    for (let y = 10; y < 51; y++) {
      for (let x = 10; x < 51; x++) {
        expect(Math.abs(pixelAt(blurred, x, y)[0]! - 255 * along(x) * along(y))).toBeLessThan(8);
      }
    }
  });

  it("keeps one colour one colour, to the edges, and takes none from clear pixels", () => {
    const image = flatImage(9, 7, [10, 200, 30, 255]);
    expect(blurWindow(image, { x: 0, y: 0, width: 9, height: 7 }, 3).data).toEqual(
      Uint8ClampedArray.from(image.data),
    );
    const clear = image.data as Uint8Array;
    for (let pixel = 0; pixel < 63; pixel += 2) clear.set([255, 0, 255, 0], pixel * 4);
    const blurred = blurWindow(image, { x: 0, y: 0, width: 9, height: 7 }, 3);
    expect(pixelAt(blurred, 4, 3).slice(0, 3)).toEqual([10, 200, 30]);
    expect(pixelAt(blurred, 4, 3)[3]).toBeGreaterThan(90);
  });

  it("blurs the background without the object, or the object alone", () => {
    const image = randomImage(1, 40, 20);
    const mask = left(40, 20, 15);
    const before = image.data.slice();
    const background = blurBackground(image, mask, { blur: 4 });
    const region = blurRegion(image, mask, { blur: 4 });
    expect(image.data).toEqual(before);
    for (const [x, y] of [
      [3, 3],
      [14, 19],
    ] as const) {
      expect(pixelAt(background, x, y)).toEqual(pixelAt(image, x, y));
      expect(pixelAt(region, x, y)).not.toEqual(pixelAt(image, x, y));
    }
    for (const [x, y] of [
      [15, 3],
      [39, 19],
    ] as const) {
      expect(pixelAt(region, x, y)).toEqual(pixelAt(image, x, y));
      expect(pixelAt(background, x, y)).not.toEqual(pixelAt(image, x, y));
    }
    expect(blurRegion(image, Mask.empty(40, 20)).data).toEqual(Uint8ClampedArray.from(image.data));
  });
});

describe("effects", () => {
  it("pixelates by the means of blocks", () => {
    const image = randomImage(2, 10, 10);
    const result = pixelate(image, left(10, 10, 5), { block: 5 });
    const mean = (channel: number): number => {
      let sum = 0;
      for (let y = 0; y < 5; y++) for (let x = 0; x < 5; x++) sum += pixelAt(image, x, y)[channel]!;
      return sum / 25;
    };
    for (const [x, y] of [
      [0, 0],
      [4, 4],
    ] as const) {
      pixelAt(result, x, y).forEach((value, channel) =>
        expect(Math.abs(value - mean(channel))).toBeLessThanOrEqual(0.5),
      );
    }
    expect(pixelAt(result, 5, 5)).toEqual(pixelAt(image, 5, 5));
  });

  it("takes the background's colours and keeps its light", () => {
    const image = flatImage(4, 1, [255, 0, 0, 255]);
    const result = desaturateBackground(image, left(4, 1, 2));
    expect(pixelAt(result, 0, 0)).toEqual([255, 0, 0, 255]);
    // Red has a luminance of 0.2126, which is sRGB 127.
    expect(pixelAt(result, 3, 0)).toEqual([127, 127, 127, 255]);
    expect(pixelAt(desaturateBackground(image, left(4, 1, 2), { amount: 0 }), 3, 0)).toEqual([
      255, 0, 0, 255,
    ]);
  });

  it("dims what is not highlighted", () => {
    const image = flatImage(20, 20, [200, 100, 50, 255]);
    const result = highlight(image, left(20, 20, 10), { dim: 0.5, outline: { pixels: 2, color: "#00ff00" } });
    expect(pixelAt(result, 3, 3)).toEqual([200, 100, 50, 255]);
    expect(pixelAt(result, 18, 3)).toEqual([100, 50, 25, 255]);
    expect(pixelAt(result, 10, 3)).toEqual([0, 255, 0, 255]);
    expect(pixelAt(highlight(image, [], { outline: false }), 0, 0)).toEqual([80, 40, 20, 255]);
  });

  it.each([
    () => blurBackground(flatImage(2, 2, [0, 0, 0, 0]), Mask.full(3, 2)),
    () => blurRegion(flatImage(2, 2, [0, 0, 0, 0]), Mask.full(2, 2), { blur: -1 }),
    () => pixelate(flatImage(2, 2, [0, 0, 0, 0]), Mask.full(2, 2), { block: 0 }),
    () => desaturateBackground(flatImage(2, 2, [0, 0, 0, 0]), Mask.full(2, 2), { amount: 2 }),
    () => highlight(flatImage(2, 2, [0, 0, 0, 0]), [Mask.full(2, 2), Mask.full(2, 1)]),
    () => extractObjects(flatImage(2, 2, [0, 0, 0, 0]), [Mask.full(2, 1)]),
    () => contactSheet([]),
    () => contactSheet([flatImage(2, 2, [0, 0, 0, 0])], { columns: 0 }),
  ])("gives a typed error: %#", (run) => {
    expect(run).toThrow(expect.objectContaining({ code: "INVALID_INPUT", field: expect.any(String) }));
  });
});

describe("extractObjects", () => {
  it("gives each object with its box, and leaves small ones out", () => {
    const image = randomImage(3, 30, 20);
    const masks = Array.from({ length: 12 }, (_, seed) => randomMaskOfSize(seed, 30, 20));
    const objects = extractObjects(image, [Mask.empty(30, 20), ...masks], { minPixels: 50 });
    expect(objects.map(({ index }) => index)).toEqual(
      masks.flatMap((mask, index) => (mask.area >= 50 ? [index + 1] : [])),
    );
    for (const { image: object, box, mask } of objects) {
      expect(box).toEqual(mask.bbox);
      expect([object.width, object.height]).toEqual([box.width, box.height]);
      for (let y = 0; y < box.height; y++) {
        for (let x = 0; x < box.width; x++) {
          const expected = mask.contains(box.x + x, box.y + y)
            ? pixelAt(image, box.x + x, box.y + y)
            : [0, 0, 0, 0];
          expect(pixelAt(object, x, y)).toEqual(expected);
        }
      }
    }
    const [padded] = extractObjects(image, [left(30, 20, 4)], { padding: 3 });
    expect(padded!.box).toEqual({ x: -3, y: -3, width: 10, height: 26 });
  });
});

describe("sheets", () => {
  it("puts pictures in rows and scales them to fit", () => {
    const red = flatImage(40, 20, [255, 0, 0, 255]);
    const blue = flatImage(10, 10, [0, 0, 255, 255]);
    const sheet = contactSheet([red, blue, red], {
      columns: 2,
      cell: { width: 20, height: 20 },
      gap: 4,
      background: "white",
    });
    expect([sheet.width, sheet.height]).toEqual([4 + 2 * 24, 4 + 2 * 24]);
    expect(pixelAt(sheet, 1, 1)).toEqual([255, 255, 255, 255]);
    expect(pixelAt(sheet, 14, 14)).toEqual([255, 0, 0, 255]);
    expect(pixelAt(sheet, 14, 6)).toEqual([255, 255, 255, 255]);
    expect(pixelAt(sheet, 30, 6)).toEqual([0, 0, 255, 255]);
    expect(pixelAt(sheet, 14, 38)).toEqual([255, 0, 0, 255]);
  });

  it("writes captions and shows what is clear", () => {
    const clear = flatImage(20, 20, [0, 0, 0, 0]);
    const plain = contactSheet([clear], { cell: { width: 40, height: 40 } });
    expect(pixelAt(plain, 9, 9)).toEqual([235, 235, 235, 255]);
    expect(pixelAt(plain, 17, 9)).toEqual([205, 205, 205, 255]);
    const captioned = contactSheet([clear], {
      cell: { width: 40, height: 40 },
      captions: ["a caption that is too long"],
    });
    expect(captioned.height).toBe(plain.height + 26);
    for (let y = 0; y < captioned.height; y++)
      expect(pixelAt(captioned, captioned.width - 4, y)).toEqual([255, 255, 255, 255]);
  });

  it("colours label maps", () => {
    const picture = labelMapPicture(
      labelMapFromMasks([left(4, 1, 1), left(4, 1, 3).subtract(left(4, 1, 1))]),
      { palette: ["red", "#0000ff"] },
    );
    expect([0, 1, 2, 3].map((x) => pixelAt(picture, x, 0))).toEqual([
      [255, 0, 0, 255],
      [0, 0, 255, 255],
      [0, 0, 255, 255],
      [0, 0, 0, 0],
    ]);
  });
});

describe("resizeImage", () => {
  it("keeps means when shrinking and colours when enlarging", () => {
    const half = resizeImage(
      {
        width: 4,
        height: 2,
        data: Uint8Array.from(
          Array.from({ length: 32 }, (_, index) => (index % 4 === 3 ? 255 : index % 8 < 4 ? 0 : 100)),
        ),
      },
      2,
      1,
    );
    expect(Math.abs(pixelAt(half, 0, 0)[0]! - 50)).toBeLessThan(15);
    expect(resizeImage(flatImage(3, 2, [7, 8, 9, 255]), 10, 9).data).toEqual(
      Uint8ClampedArray.from(flatImage(10, 9, [7, 8, 9, 255]).data),
    );
    const mixed = { width: 2, height: 1, data: Uint8Array.of(255, 0, 0, 255, 0, 0, 0, 0) };
    expect(pixelAt(resizeImage(mixed, 1, 1), 0, 0)).toEqual([255, 0, 0, 128]);
  });
});
