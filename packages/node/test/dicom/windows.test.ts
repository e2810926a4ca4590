import { describe, expect, test } from "vitest";
import { writeDicom } from "../../src/dicom/dicom-writer.test-support.js";
import { readDicom } from "../../src/dicom/index.js";
import { windowFunction } from "../../src/dicom/window.js";
import { decode, elementsOf, grays, pixelData, pixels, ramp12, set } from "./support.js";

const stored = Array.from({ length: pixels }, (_, index) => index * 4 - 1500);
const signed = set(["00280103", "US", [1]]);
const file = (...elements: Parameters<typeof set>) =>
  writeDicom(elementsOf({ ...signed, ...set(...elements), ...pixelData(stored) }));

/** DICOM PS3.3 C.11.2.1.2 and C.11.2.1.3, as they stand there with 0 and 255 for the ends of the output. */
const formulas = {
  LINEAR: (x: number, c: number, w: number) => {
    if (x <= c - 0.5 - (w - 1) / 2) return 0;
    if (x > c - 0.5 + (w - 1) / 2) return 255;
    return ((x - (c - 0.5)) / (w - 1) + 0.5) * 255;
  },
  LINEAR_EXACT: (x: number, c: number, w: number) => {
    if (x <= c - w / 2) return 0;
    if (x > c + w / 2) return 255;
    return ((x - c) / w + 0.5) * 255;
  },
  SIGMOID: (x: number, c: number, w: number) => 255 / (1 + Math.exp((-4 * (x - c)) / w)),
} as const;

/** To the nearest whole number; halves may go either way. */
function expectRounded(found: readonly (number | undefined)[], exact: readonly number[]) {
  const errors = exact.map((value, index) => Math.abs(found[index]! - value));
  expect(Math.max(...errors)).toBeLessThanOrEqual(0.5 + 1e-9);
}

describe("windows", () => {
  const windows = [
    [40, 400],
    [40.5, 401],
    [0, 1],
    [-300, 2],
    [1000, 65_536],
  ] as const;
  for (const [name, formula] of Object.entries(formulas))
    test(`${name}, of the file and of the caller`, async () => {
      for (const [center, width] of windows) {
        const expected = stored.map((value) => formula(value, center, width));
        const bytes = file(
          ["00281050", "DS", `${center}`],
          ["00281051", "DS", `${width}`],
          ["00281056", "CS", name],
        );
        expectRounded(grays(await decode(bytes)), expected);
        const shape = (await readDicom(bytes)).windows[0]!.shape;
        const other = file(["00281050", "DS", "7"], ["00281051", "DS", "9"]);
        expectRounded(grays(await decode(other, 0, { window: { center, width, shape: shape! } })), expected);
      }
    });

  test("the values that the standard gives as an example", () => {
    // C.11.2.1.2.1: width 1 makes a threshold at the center less a half.
    expect([-1, -0.5, -0.4, 0].map(windowFunction({ center: 0, width: 1 }))).toEqual([0, 0, 255, 255]);
    // Center 2048, width 4096 maps 0..4095 to the whole output.
    const whole = windowFunction({ center: 2048, width: 4096 });
    expect([whole(0), whole(4095), whole(-1), whole(4096)]).toEqual([0, 255, 0, 255]);
  });

  test("widths below 1 are for the exact and the sigmoid shape only", async () => {
    const bytes = file();
    for (const shape of ["linear-exact", "sigmoid"] as const)
      expect(
        new Set(grays(await decode(bytes, 0, { window: { center: 0, width: 0.5, shape } }))).size,
      ).toBeGreaterThan(1);
    for (const window of [
      { center: 0, width: 0.5 },
      { center: 0, width: 0, shape: "sigmoid" as const },
      { center: 0, width: Number.NaN },
    ])
      await expect(decode(bytes, 0, { window })).rejects.toMatchObject({
        code: "INVALID_INPUT",
        field: "window.width",
      });
    await expect(
      decode(bytes, 0, { window: { center: 0, width: 9, shape: "LINEAR" as never } }),
    ).rejects.toMatchObject({
      field: "window.shape",
    });
  });

  test("a window of the file that cannot be is left out; a shape that nobody knows is linear", async () => {
    const picture = await readDicom(
      file(
        ["00281050", "DS", "10\\20\\30"],
        ["00281051", "DS", "0.2\\100\\0"],
        ["00281056", "CS", "constructor"],
      ),
    );
    expect(picture.windows).toEqual([{ center: 20, width: 100, shape: "linear" }]);
  });
});

describe("padding does not widen the range", () => {
  const measured = stored.map((value) => value - (value % 10));
  const withPadding = (padding: (index: number) => number) =>
    measured.map((value, index) => (index % 5 === 0 ? padding(index) : value));
  const [lowest, highest] = [
    Math.min(...measured.filter((_, index) => index % 5)),
    Math.max(...measured.filter((_, index) => index % 5)),
  ];
  const shown = (values: readonly number[]) =>
    values.map((value) =>
      Math.round(Math.min(255, Math.max(0, ((value - lowest) / (highest - lowest)) * 255))),
    );

  test("one value, and a range of values given either way round", async () => {
    const one = withPadding(() => -2000);
    const bytes = writeDicom(
      elementsOf({ ...signed, ...set(["00280120", "SS", [-2000]]), ...pixelData(one) }),
    );
    expect(grays(await decode(bytes))).toEqual(shown(one));
    const several = withPadding((index) => 20_000 + index);
    for (const [value, limit] of [
      [20_000, 30_000],
      [30_000, 20_000],
    ]) {
      const range = set(["00280120", "SS", [value!]], ["00280121", "SS", [limit!]]);
      const file = writeDicom(elementsOf({ ...signed, ...range, ...pixelData(several) }));
      expect(grays(await decode(file))).toEqual(shown(several));
    }
  });

  test("nothing but padding, with a falling rescale", async () => {
    const bytes = writeDicom(
      elementsOf({
        ...set(["00280120", "US", [7]], ["00281053", "DS", "-1"]),
        ...pixelData(ramp12.map(() => 7)),
      }),
    );
    expect(new Set(grays(await decode(bytes)))).toEqual(new Set([0]));
  });
});

test("MONOCHROME1 is inverted after the window, with sign, rescale and 12 stored bits", async () => {
  const values = ramp12.map((value) => value - 2048);
  const bytes = writeDicom(
    elementsOf(
      {
        ...signed,
        ...set(
          ["00280004", "CS", "MONOCHROME1"],
          ["00281050", "DS", "-20"],
          ["00281051", "DS", "900"],
          ["00281052", "DS", "-100"],
          ["00281053", "DS", "0.5"],
        ),
        ...pixelData(values.map((value) => value & 0xfff)),
      },
      16,
      12,
    ),
  );
  expect(grays(await decode(bytes))).toEqual(
    values.map((value) => 255 - Math.round(formulas.LINEAR(value * 0.5 - 100, -20, 900))),
  );
});
