import { describe, expect, test } from "vitest";
import { type WrittenElement, writeDicom } from "../../src/dicom/dicom-writer.test-support.js";
import { readDicom } from "../../src/dicom/index.js";
import {
  decode,
  elementsOf,
  grays,
  linear,
  pixelData,
  pixels,
  ramp12,
  set,
  uid,
  windowed,
} from "./support.js";

const rangeOf = (values: readonly number[]) => {
  const [lowest, highest] = [Math.min(...values), Math.max(...values)];
  return values.map((value) => Math.round(((value - lowest) / (highest - lowest)) * 255));
};
const table = (
  descriptor: readonly number[],
  entries: readonly number[] | Uint8Array,
  vr = "US",
): WrittenElement[] => [
  ["00283002", vr, descriptor],
  ["00283006", "OW", entries],
];
const modalityTable = (...given: Parameters<typeof table>) =>
  set(["00283000", "SQ", [[...table(...given), ["00283004", "LO", "US"]]]]);
const brightnessTable = (...given: Parameters<typeof table>) =>
  set(["00283010", "SQ", [[...table(...given), ["00283003", "LO", "NORMAL"]]]]);

describe("Modality LUT", () => {
  // Falls, then rises: its ends are not its extremes.
  const curve = Array.from({ length: 4096 }, (_, stored) => Math.abs(stored - 1500) * 2);

  test("turns stored values into units, in place of a rescale, before the window", async () => {
    const elements = elementsOf(
      {
        ...modalityTable([4096, 0, 16], curve),
        ...windowed,
        ...set(["00281052", "DS", "-1000"]),
        ...pixelData(ramp12),
      },
      16,
      12,
    );
    for (const syntax of [uid(".1"), uid(""), uid(".2")])
      expect(grays(await decode(writeDicom(elements, { syntax }))), syntax).toEqual(
        ramp12.map((value) => linear(curve[value]!, 2048, 4096)),
      );
    expect(grays(await decode(writeDicom(elements), 0, { window: "range" }))).toEqual(
      rangeOf(ramp12.map((value) => curve[value]!)),
    );
  });

  test("begins at a negative value; what lies outside has the nearest end", async () => {
    const values = ramp12.map((value) => value - 2048);
    const entries = Array.from({ length: 100 }, (_, index) => index * 600);
    const elements = elementsOf(
      {
        ...set(["00280103", "US", [1]]),
        ...modalityTable([100, -50, 16], entries, "SS"),
        ...pixelData(values),
      },
      16,
    );
    const units = values.map((value) => entries[Math.min(99, Math.max(0, value + 50))]!);
    for (const syntax of [uid(".1"), uid("")])
      expect(grays(await decode(writeDicom(elements, { syntax })))).toEqual(rangeOf(units));
  });

  test("65,536 entries are written as 0; entries of 8 bits stand in words or bytes", async () => {
    const all = Array.from({ length: 65_536 }, (_, stored) => 65_535 - stored);
    const stored = Array.from({ length: pixels }, (_, index) => index * 80);
    const whole = elementsOf({ ...modalityTable([0, 0, 16], all), ...pixelData(stored) });
    expect(grays(await decode(writeDicom(whole)))).toEqual(rangeOf(stored.map((value) => 65_535 - value)));
    const short = stored.map((_, index) => index % 64);
    const entries = Array.from({ length: 64 }, (_, index) => 255 - index * 3);
    for (const form of [entries, Uint8Array.from(entries)]) {
      const elements = elementsOf({ ...modalityTable([64, 0, 8], form), ...pixelData(short) });
      expect(grays(await decode(writeDicom(elements)))).toEqual(
        rangeOf(short.map((value) => entries[value]!)),
      );
    }
  });

  test.each([
    ["shorter than it says", modalityTable([4096, 0, 16], [1, 2, 3]), "CORRUPT_IMAGE"],
    ["without entries", set(["00283000", "SQ", [[["00283002", "US", [16, 0, 16]]]]]), "CORRUPT_IMAGE"],
    ["of 32 bits", modalityTable([2, 0, 32], [1, 2]), "UNSUPPORTED_FORMAT"],
  ] as const)("%s: a typed error", async (_what, elements, code) => {
    const bytes = writeDicom(elementsOf({ ...elements, ...pixelData(ramp12) }, 16, 12));
    await expect(decode(bytes)).rejects.toMatchObject({ code, field: "image" });
  });
});

describe("VOI LUT", () => {
  const curve = Array.from({ length: 4096 }, (_, value) => Math.floor(Math.sqrt(value) * 15.9));
  const shown = ramp12.map((value) => Math.round((curve[value]! * 255) / 1023));

  test("is what `file` takes; windows and the range can be asked for", async () => {
    const bytes = writeDicom(
      elementsOf({ ...brightnessTable([4096, 0, 10], curve), ...windowed, ...pixelData(ramp12) }, 16, 12),
    );
    const picture = await readDicom(bytes);
    expect(picture.brightnessTables).toEqual(["NORMAL"]);
    expect(grays(await picture.decodeFrame(0))).toEqual(shown);
    expect(grays(await picture.decodeFrame(0, { window: picture.windows[0]! }))).toEqual(
      ramp12.map((value) => linear(value, 2048, 4096)),
    );
    expect(grays(await picture.decodeFrame(0, { window: "range" }))).toEqual(rangeOf(ramp12));
  });

  test("comes after the rescale, begins below zero, is inverted for MONOCHROME1", async () => {
    const elements = elementsOf(
      {
        ...set(["00280004", "CS", "MONOCHROME1"], ["00281052", "DS", "-2048"], ["00281053", "DS", "1"]),
        ...brightnessTable([4096, -2048, 10], curve, "SS"),
        ...pixelData(ramp12),
      },
      16,
      12,
    );
    for (const syntax of [uid(".1"), uid(""), uid(".2")])
      expect(grays(await decode(writeDicom(elements, { syntax }))), syntax).toEqual(
        shown.map((value) => 255 - value),
      );
  });

  test("a file without one says so", async () => {
    const picture = await readDicom(writeDicom(elementsOf(pixelData(ramp12), 16, 12)));
    expect(picture.brightnessTables).toEqual([]);
  });
});
