import fc from "fast-check";
import { expect, test } from "vitest";
import { bitmapFromRuns } from "../../mask/bitmap.js";
import { strongestRuns } from "./strongest-plane.js";

/** Every plane at one image pixel: bilinear, half-pixel centres, clamped at the plane's borders. */
function valueAt(plane: Float32Array, width: number, height: number, planeX: number, planeY: number): number {
  const x = Math.min(width - 1, Math.max(0, planeX));
  const y = Math.min(height - 1, Math.max(0, planeY));
  const [left, top] = [Math.floor(x), Math.floor(y)];
  const [right, bottom] = [Math.min(width - 1, left + 1), Math.min(height - 1, top + 1)];
  const at = (column: number, row: number) => plane[row * width + column]!;
  const upper = at(left, top) + (at(right, top) - at(left, top)) * (x - left);
  const lower = at(left, bottom) + (at(right, bottom) - at(left, bottom)) * (x - left);
  return upper + (lower - upper) * (y - top);
}

test("equals enlarging every plane and comparing pixel by pixel", async () => {
  const side = fc.integer({ min: 1, max: 7 });
  const imageSide = fc.integer({ min: 1, max: 23 });
  await fc.assert(
    fc.asyncProperty(
      fc.record({
        width: side,
        height: side,
        imageWidth: imageSide,
        imageHeight: imageSide,
        count: fc.integer({ min: 1, max: 6 }),
        seed: fc.integer(),
        offset: fc.double({ min: 0, max: 2, noNaN: true }),
        part: fc.boolean(),
      }),
      async ({ width, height, imageWidth, imageHeight, count, seed, offset, part }) => {
        let state = seed | 1;
        const random = () => {
          state = (Math.imul(state, 1103515245) + 12345) | 0;
          return (state >>> 8) / 2 ** 24;
        };
        const planes = Array.from({ length: count }, () =>
          Float32Array.from({ length: width * height }, random),
        );
        const mapping = {
          scaleX: width / imageWidth,
          scaleY: height / imageHeight,
          offsetX: offset,
          offsetY: -offset,
        };
        const window = part
          ? {
              x: imageWidth >> 2,
              y: imageHeight >> 2,
              width: (imageWidth >> 1) + 1,
              height: (imageHeight >> 1) + 1,
            }
          : undefined;
        const runs = await strongestRuns(
          { planes, width, height },
          mapping,
          { width: imageWidth, height: imageHeight },
          window && { window },
        );
        const found = runs.map((list) => list && bitmapFromRuns(list, imageWidth, imageHeight, 1));
        for (let y = 0; y < imageHeight; y++) {
          for (let x = 0; x < imageWidth; x++) {
            const values = planes.map((plane) =>
              valueAt(
                plane,
                width,
                height,
                (x + 0.5) * mapping.scaleX + offset - 0.5,
                (y + 0.5) * mapping.scaleY - offset - 0.5,
              ),
            );
            const inside =
              !window ||
              (x >= window.x && x < window.x + window.width && y >= window.y && y < window.y + window.height);
            const claimed = found.flatMap((bitmap, plane) => (bitmap?.[y * imageWidth + x] ? [plane] : []));
            expect(claimed).toHaveLength(inside ? 1 : 0);
            // Rounding may decide between planes that are as good as equal.
            if (inside) expect(values[claimed[0]!]!).toBeGreaterThan(Math.max(...values) - 1e-6);
          }
        }
      },
    ),
    { numRuns: 150 },
  );
});
