import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { alphaFromLogits, alphaFromMask, featherAlpha } from "./alpha.js";
import { arbitraryMask, drawMask } from "./arbitrary-mask.test-support.js";
import { expectInvalidInput } from "./expect-invalid-input.test-support.js";
import { Mask } from "./mask.js";

describe("alpha from a mask", () => {
  it("is hard, or the soft edge that the mask carries", () => {
    const mask = drawMask(3, 2, (x) => x === 1);
    expect(Array.from(alphaFromMask(mask).gray)).toEqual([0, 255, 0, 0, 255, 0]);
    const alpha = { width: 3, height: 2, gray: Uint8Array.of(0, 127, 128, 0, 200, 255) };
    const soft = Mask.fromAlpha(alpha);
    expect(Array.from(soft.toBitmap())).toEqual([0, 0, 1, 0, 1, 1]);
    expect(alphaFromMask(soft)).toBe(alpha);
    expect(Mask.fromAlpha(alpha, { threshold: 201 }).area).toBe(1);
    expect(soft.invert().alpha).toBeUndefined();
  });
});

describe("feather", () => {
  it("agrees with the mask at one half and reaches no further than its radius", () => {
    fc.assert(
      fc.property(arbitraryMask(20), fc.double({ min: 0, max: 8, noNaN: true }), (mask, radius) => {
        const { gray } = featherAlpha(mask, radius);
        const inside = mask.distanceTransform();
        const outside = mask.distanceTransform({ side: "outside" });
        gray.forEach((value, index) => {
          const isSet = inside[index]! > 0;
          expect(value >= 128).toBe(isSet);
          if ((isSet ? inside : outside)[index]! - 0.5 >= radius) expect(value).toBe(isSet ? 255 : 0);
        });
      }),
    );
  });

  it("is a smoothstep of the exact distance, near and far", () => {
    fc.assert(
      fc.property(arbitraryMask(48), fc.double({ min: 0.3, max: 60, noNaN: true }), (mask, radius) => {
        const inside = mask.distanceTransform();
        const outside = mask.distanceTransform({ side: "outside" });
        const { gray } = featherAlpha(mask, radius);
        const wrong = gray.findIndex((value, index) => {
          const distance = inside[index]! > 0 ? inside[index]! - 0.5 : 0.5 - outside[index]!;
          const share = Math.min(1, Math.max(0, 0.5 + distance / (2 * radius)));
          return Math.abs(value - 255 * share * share * (3 - 2 * share)) > 0.51;
        });
        expect(wrong).toBe(-1);
      }),
    );
  });

  it("is a smoothstep across a straight border", () => {
    const { gray } = featherAlpha(
      drawMask(12, 1, (x) => x >= 6),
      4,
    );
    const expected = Array.from({ length: 12 }, (_, x) => {
      const share = Math.min(1, Math.max(0, 0.5 + (x + 0.5 - 6) / 8));
      return Math.round(255 * share * share * (3 - 2 * share));
    });
    expect(Array.from(gray)).toEqual(expected);
  });

  it("refuses a bad radius", () => {
    expectInvalidInput(() => featherAlpha(Mask.full(2, 2), -1), "radiusPixels");
    expectInvalidInput(() => featherAlpha(Mask.full(2, 2), Number.POSITIVE_INFINITY), "radiusPixels");
  });
});

describe("alpha from logits", () => {
  it("is the sigmoid of the bilinear logits, and one half where the mask begins", () => {
    const side = fc.integer({ min: 1, max: 12 });
    const imageSide = fc.integer({ min: 1, max: 40 });
    const value = fc.float({ min: -6, max: 6, noNaN: true });
    fc.assert(
      fc.property(
        side,
        side,
        imageSide,
        imageSide,
        fc.array(value, { minLength: 144, maxLength: 144 }),
        (w, h, width, height, values) => {
          const logits = {
            data: Float32Array.from(values.slice(0, w * h)),
            width: w,
            height: h,
            scaleX: w / width,
            scaleY: h / height,
          };
          const mask = Mask.fromLogits(logits, width, height);
          const { gray } = alphaFromLogits(mask, { sharpness: 1.5 });
          for (let y = 0; y < height; y++) {
            for (let x = 0; x < width; x++) {
              const logit = bilinear(logits, x, y);
              expect(Math.abs(gray[y * width + x]! - 255 / (1 + Math.exp(-1.5 * logit)))).toBeLessThanOrEqual(
                0.51,
              );
              if (Math.abs(logit) > 1e-3) expect(gray[y * width + x]! >= 128).toBe(mask.contains(x, y));
            }
          }
        },
      ),
    );
  });

  it("refuses masks without logits and a sharpness that is none", () => {
    expectInvalidInput(() => alphaFromLogits(Mask.full(2, 2)), "mask.logits");
    expectInvalidInput(() => alphaFromLogits(Mask.full(2, 2), { sharpness: 0 }), "sharpness");
  });
});

function bilinear(
  plane: { data: Float32Array; width: number; height: number; scaleX: number; scaleY: number },
  x: number,
  y: number,
): number {
  const u = Math.min(plane.width - 1, Math.max(0, (x + 0.5) * plane.scaleX - 0.5));
  const v = Math.min(plane.height - 1, Math.max(0, (y + 0.5) * plane.scaleY - 0.5));
  const left = Math.floor(u);
  const top = Math.floor(v);
  const at = (column: number, row: number) =>
    plane.data[Math.min(plane.height - 1, row) * plane.width + Math.min(plane.width - 1, column)]!;
  const above = at(left, top) + (at(left + 1, top) - at(left, top)) * (u - left);
  const below = at(left, top + 1) + (at(left + 1, top + 1) - at(left, top + 1)) * (u - left);
  return above + (below - above) * (v - top);
}
