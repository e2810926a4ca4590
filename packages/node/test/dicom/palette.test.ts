import { describe, expect, test } from "vitest";
import { type WrittenElement, writeDicom } from "../../src/dicom/dicom-writer.test-support.js";
import { colours, decode, elementsOf, pixelData, pixels, ramp12, set, uid } from "./support.js";

const indexed = set(["00280004", "CS", "PALETTE COLOR"]);
const stored = Uint8Array.from({ length: pixels }, (_, index) => index % 12);
const channels = [0, 1, 2];

function paletteOf(
  descriptor: readonly number[],
  data: (channel: number) => readonly number[] | Uint8Array,
  { vr = "US", segmented = false } = {},
) {
  return set(
    ...channels.flatMap((channel): WrittenElement[] => [
      [`0028110${channel + 1}`, vr, descriptor],
      [`0028${segmented ? 122 : 120}${channel + 1}`, "OW", data(channel)],
    ]),
  );
}
const expected = (values: ArrayLike<number>, colour: (value: number, channel: number) => number) =>
  Array.from(values).flatMap((value) => channels.map((channel) => colour(value, channel)));

describe("palettes", () => {
  test("of 4,096 entries for 12 bits, little and big endian, plain and RLE", async () => {
    const entry = (value: number, channel: number) => (value * (7 + channel)) & 0xffff;
    const palette = paletteOf([4096, 0, 16], (channel) =>
      Array.from({ length: 4096 }, (_, value) => entry(value, channel)),
    );
    for (const syntax of [uid(""), uid(".1"), uid(".2")]) {
      const bytes = writeDicom(elementsOf({ ...indexed, ...palette, ...pixelData(ramp12) }, 16, 12), {
        syntax,
      });
      expect(colours(await decode(bytes)), syntax).toEqual(
        expected(ramp12, (value, channel) => entry(value, channel) >> 8),
      );
    }
  });

  test("of bytes, packed or one to a word, from a value other than 0", async () => {
    const entries = (channel: number) => Array.from({ length: 8 }, (_, index) => index * 30 + channel);
    const colour = (value: number, channel: number) => entries(channel)[Math.min(7, Math.max(0, value - 2))]!;
    for (const data of [entries, (channel: number) => Uint8Array.from(entries(channel))]) {
      const palette = paletteOf([8, 2, 8], data);
      const bytes = writeDicom(elementsOf({ ...indexed, ...palette, ...set(["7fe00010", "OB", stored]) }, 8));
      expect(colours(await decode(bytes))).toEqual(expected(stored, colour));
    }
  });

  test("for signed values, from a negative one on", async () => {
    const values = Array.from(stored, (value) => value - 6);
    const entries = Array.from({ length: 12 }, (_, index) => index * 5000);
    const palette = paletteOf([12, -6, 16], () => entries, { vr: "SS" });
    const bytes = writeDicom(
      elementsOf({ ...indexed, ...set(["00280103", "US", [1]]), ...palette, ...pixelData(values) }),
    );
    expect(colours(await decode(bytes))).toEqual(expected(values, (value) => entries[value + 6]! >> 8));
  });

  test("missing or short: a typed error", async () => {
    const pixelsOf8 = set(["7fe00010", "OB", stored]);
    const short = paletteOf([300, 0, 16], () => [1, 2, 3]);
    for (const elements of [{}, short])
      await expect(
        decode(writeDicom(elementsOf({ ...indexed, ...elements, ...pixelsOf8 }, 8))),
      ).rejects.toMatchObject({ code: "CORRUPT_IMAGE" });
  });
});

describe("palettes in segments", () => {
  const file = (descriptor: readonly number[], codes: readonly number[] | Uint8Array) =>
    writeDicom(
      elementsOf(
        {
          ...indexed,
          ...paletteOf(descriptor, () => codes, { segmented: true }),
          ...set(["7fe00010", "OB", stored]),
        },
        8,
      ),
    );

  test("written out, in a line, and again from before", async () => {
    // 3 entries; 4 on a line to 0x6000; both again; 1 more.
    const codes = [0, 3, 0x1000, 0x3000, 0x2000, 1, 4, 0x6000, 2, 2, 0, 0, 0, 1, 0xff00];
    const entries = [0x1000, 0x3000, 0x2000, 0x3000, 0x4000, 0x5000, 0x6000];
    const all = [...entries, ...entries, 0xff00];
    expect(colours(await decode(file([15, 0, 16], codes)))).toEqual(
      expected(stored, (value) => all[value]! >> 8),
    );
  });

  test("of bytes", async () => {
    const codes = Uint8Array.of(0, 2, 10, 20, 1, 5, 120, 2, 1, 4, 0, 0, 0, 0, 1, 7);
    const all = [10, 20, 40, 60, 80, 100, 120, 120, 120, 120, 120, 120, 7];
    expect(colours(await decode(file([13, 0, 8], codes)))).toEqual(expected(stored, (value) => all[value]!));
  });

  test.each([
    ["too few entries", [0, 2, 1, 2]],
    ["a segment that ends too early", [0, 9, 1, 2]],
    ["a line from nothing", [1, 9, 500]],
    ["an unknown kind", [3, 1, 1]],
    ["a copy of itself", [0, 1, 5, 2, 65_535, 6, 0]],
    ["a copy from outside", [0, 1, 5, 2, 1, 0xfffe, 0xffff]],
    ["a copy from the middle of a word", [0, 1, 5, 2, 1, 1, 0]],
    ["copies of nothing", [0, 0, 2, 65_535, 0, 0]],
  ])("%s: a typed error", async (_what, codes) => {
    await expect(decode(file([15, 0, 16], codes))).rejects.toMatchObject({ code: "CORRUPT_IMAGE" });
  });
});
