import { expect, it } from "vitest";
import { planesOfPicture } from "./image-planes.js";

it("gives RGB planes in 0..1 without alpha", async () => {
  const image = { width: 1, height: 2, data: Uint8Array.of(255, 51, 0, 9, 0, 102, 153, 8) };
  const { dims, data } = await planesOfPicture(image);
  expect(dims).toEqual([1, 3, 2, 1]);
  const expected = [1, 0, 0.2, 0.4, 0, 0.6];
  data.forEach((value, index) => {
    expect(value).toBeCloseTo(expected[index]!, 6);
  });
});

it("shrinks what is longer than 4096, keeping the ratio", async () => {
  const width = 8192;
  const data = new Uint8Array(width * 6 * 4).fill(128);
  const planes = await planesOfPicture({ width, height: 6, data });
  expect(planes.dims).toEqual([1, 3, 3, 4096]);
  expect(planes.data.every((value) => Math.abs(value - 128 / 255) < 1e-6)).toBe(true);
});

it("stops on abort", async () => {
  const image = { width: 1000, height: 1000, data: new Uint8Array(4_000_000) };
  await expect(planesOfPicture(image, { signal: AbortSignal.abort() })).rejects.toMatchObject({
    code: "ABORTED",
  });
});
