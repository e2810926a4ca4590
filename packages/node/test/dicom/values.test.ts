import { describe, expect, test } from "vitest";
import { writeDicom } from "../../src/dicom/dicom-writer.test-support.js";
import { readDicom } from "../../src/dicom/index.js";
import {
  decode,
  elementsOf,
  grays,
  jpeg2000,
  linear,
  pixelData,
  pixels,
  ramp12,
  set,
  uid,
  words,
} from "./support.js";

describe("values", () => {
  test("signed with rescale, under windows of the file, by name, of the caller, of the range", async () => {
    const stored = Array.from({ length: pixels }, (_, index) => index * 4 - 1000);
    const bytes = writeDicom(
      elementsOf({
        ...set(
          ["00280103", "US", [1]],
          ["00281050", "DS", "40\\500"],
          ["00281051", "DS", "400\\2000"],
          ["00281052", "DS", "-24"],
          ["00281053", "DS", "0.5"],
        ),
        ...set(["7fe00010", "OW", stored]),
      }),
    );
    const picture = await readDicom(bytes);
    expect(picture.windows).toEqual([
      { center: 40, width: 400, shape: "linear" },
      { center: 500, width: 2000, shape: "linear" },
    ]);
    const units = stored.map((value) => value * 0.5 - 24);
    expect(grays(await picture.decodeFrame(0))).toEqual(units.map((value) => linear(value, 40, 400)));
    expect(grays(await picture.decodeFrame(0, { window: "bone" }))).toEqual(
      units.map((value) => linear(value, 400, 1800)),
    );
    expect(grays(await picture.decodeFrame(0, { window: { center: 10, width: 1 } }))).toEqual(
      units.map((value) => (value > 9.5 ? 255 : 0)),
    );
    const range = grays(await picture.decodeFrame(0, { window: "range" }));
    expect([range[0], range.at(-1), range[pixels >> 1]]).toEqual([0, 255, 128]);
    await expect(picture.decodeFrame(0, { window: "liver" as never })).rejects.toMatchObject({
      code: "INVALID_INPUT",
      field: "window",
    });
    await expect(picture.decodeFrame(0, { window: { center: 1, width: 0 } })).rejects.toMatchObject({
      field: "window.width",
    });
  });

  test("MONOCHROME1 is shown inverted; 8 bits", async () => {
    const stored = Uint8Array.from({ length: pixels }, (_, index) => index & 255);
    const bytes = writeDicom(
      elementsOf(
        {
          ...set(
            ["00280004", "CS", "MONOCHROME1"],
            ["00281050", "DS", "128"],
            ["00281051", "DS", "256"],
            ["7fe00010", "OB", stored],
          ),
        },
        8,
      ),
    );
    expect(grays(await decode(bytes))).toEqual([...stored].map((value) => 255 - value));
  });

  test("bits above the stored ones are left out, also with a sign", async () => {
    const values = ramp12.map((value) => value - 2048);
    const dirty = values.map((value) => (value & 0xfff) | 0xa000);
    const bytes = writeDicom(
      elementsOf(
        {
          ...set(["00280103", "US", [1]], ["00281050", "DS", "0"], ["00281051", "DS", "4096"]),
          ...pixelData(dirty),
        },
        16,
        12,
      ),
    );
    expect(grays(await decode(bytes))).toEqual(values.map((value) => linear(value, 0, 4096)));
  });

  test("signed JPEG 2000", async () => {
    const values = ramp12.map((value) => value * 8 - 16_384);
    const bytes = writeDicom(
      elementsOf(set(["00280103", "US", [1]], ["00281050", "DS", "0"], ["00281051", "DS", "40000"])),
      {
        syntax: uid(".4.90"),
        fragments: [[jpeg2000(words(values.map((value) => value & 0xffff)), 16, 1, true)]],
      },
    );
    expect(grays(await decode(bytes))).toEqual(values.map((value) => linear(value, 0, 40_000)));
  });
});
