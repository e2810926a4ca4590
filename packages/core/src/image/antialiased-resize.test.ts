import { describe, expect, it } from "vitest";
import { resizeRgb } from "./antialiased-resize.js";
import vectors from "./antialiased-resize.vectors.json" with { type: "json" };
import { fitToFrame } from "./frame-fit.js";
import { imageToTensor } from "./image-tensor.js";
import type { RgbaImage } from "./rgba-image.js";

/** The pattern that the vectors were made from. Alpha differs from pixel to pixel: it must not matter. */
function pattern(width: number, height: number): RgbaImage {
  const data = new Uint8Array(width * height * 4);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      for (let channel = 0; channel < 4; channel++) {
        data[(y * width + x) * 4 + channel] = (x * 37 + y * 101 + channel * 53 + x * y * 7) % 256;
      }
    }
  }
  return { width, height, data };
}

describe("resizeRgb", () => {
  // Made with Pillow 9.4, Image.resize(…, BILINEAR), which SAM's preprocessing uses.
  it.each(vectors)("equals Pillow from $from to $to", async ({ from, to, rgb }) => {
    const [width, height] = from as [number, number];
    const [newWidth, newHeight] = to as [number, number];
    expect(Array.from(await resizeRgb(pattern(width, height), newWidth, newHeight))).toEqual(rgb);
  });
});

describe("resizeRgb of a large picture", () => {
  const large = { width: 3000, height: 2000, data: new Uint8Array(3000 * 2000 * 4).fill(9) };

  it("lets timers run meanwhile", async () => {
    let ticks = 0;
    const timer = setInterval(() => ticks++, 0);
    const rgb = await resizeRgb(large, 512, 341);
    clearInterval(timer);
    expect(ticks).toBeGreaterThan(1);
    expect(rgb.every((value) => value === 9)).toBe(true);
  });

  it("stops when its signal fires", async () => {
    const controller = new AbortController();
    const call = resizeRgb(large, 512, 341, { signal: controller.signal });
    controller.abort();
    await expect(call).rejects.toMatchObject({ code: "ABORTED" });
  });
});

describe("imageToTensor", () => {
  const normalization = { mean: [10, 20, 30], std: [2, 4, 8] } as const;

  it("gives planes of red, green and blue, normalised, zeros beyond the picture", async () => {
    const data = Uint8Array.from([12, 28, 46, 255, 10, 20, 30, 0]);
    const fit = fitToFrame({ width: 2, height: 1 }, 2, "letterbox");
    const tensor = await imageToTensor({ width: 2, height: 1, data }, fit, normalization);
    expect(tensor.dims).toEqual([1, 3, 2, 2]);
    expect(Array.from(tensor.data)).toEqual([1, 0, 0, 0, 2, 0, 0, 0, 2, 0, 0, 0]);
  });

  it("fills the whole frame when stretching", async () => {
    const tensor = await imageToTensor(
      pattern(6, 3),
      fitToFrame({ width: 6, height: 3 }, 4, "stretch"),
      normalization,
    );
    expect(tensor.data).toHaveLength(48);
    expect(tensor.data.every((value) => Number.isFinite(value))).toBe(true);
    expect(tensor.data.slice(12, 16).some((value) => value !== 0)).toBe(true);
  });
});
