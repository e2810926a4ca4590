import { describe, expect, test } from "vitest";
import { type WrittenElement, writeDicom } from "../../src/dicom/dicom-writer.test-support.js";
import { readDicom } from "../../src/dicom/index.js";
import { createSharpCodec } from "../../src/image/sharp-codec.js";
import {
  elementsOf,
  grays,
  jpegLs,
  linear,
  pixelData,
  ramp12,
  set,
  uid,
  windowed,
  words,
} from "./support.js";

describe("frames and places", () => {
  const frame = (index: number) => ramp12.map((value) => (value + index * 500) % 4096);
  const three = set(["00280008", "IS", "3"]);
  const expected = (index: number) => frame(index).map((value) => linear(value, 2048, 4096));

  test("plain, in fragments with and without a table, by index", async () => {
    const halves = (bytes: Uint8Array) => [bytes.subarray(0, 100), bytes.subarray(100)];
    const coded = [0, 1, 2].map((index) => jpegLs(words(frame(index)), 12));
    const files = [
      writeDicom(elementsOf({ ...windowed, ...three, ...pixelData([0, 1, 2].flatMap(frame)) }, 16, 12)),
      writeDicom(elementsOf({ ...windowed, ...three }, 16, 12), {
        syntax: uid(".4.80"),
        fragments: coded.map((bytes) => [bytes]),
      }),
      writeDicom(elementsOf({ ...windowed, ...three }, 16, 12), {
        syntax: uid(".4.80"),
        fragments: coded.map(halves),
      }),
      writeDicom(elementsOf({ ...windowed, ...three }, 16, 12), {
        syntax: uid(".4.80"),
        fragments: coded.map(halves),
        offsetTable: true,
      }),
    ];
    for (const file of files) {
      const picture = await readDicom(file);
      expect(picture.frames).toBe(3);
      for (const index of [2, 0, 1]) expect(grays(await picture.decodeFrame(index))).toEqual(expected(index));
      expect(grays(await createSharpCodec().decode(file, { frame: 1 }))).toEqual(expected(1));
      for (const wrong of [3, -1, 0.5])
        await expect(picture.decodeFrame(wrong)).rejects.toMatchObject({
          code: "INVALID_INPUT",
          field: "frame",
        });
      await expect(picture.decodeFrame(0, { signal: AbortSignal.abort() })).rejects.toMatchObject({
        code: "ABORTED",
      });
    }
  });

  test("orientation, position and spacing, of the file and of each frame", async () => {
    const single = await readDicom(
      writeDicom(
        elementsOf({
          ...set(
            ["00200037", "DS", "0\\1\\0\\0\\0\\-1"],
            ["00200032", "DS", "-1.5\\2\\3"],
            ["00280030", "DS", "0.7\\0.8"],
          ),
          ...pixelData(ramp12),
        }),
      ),
    );
    expect(single).toMatchObject({
      orientation: [0, 1, 0, 0, 0, -1],
      positionMm: [-1.5, 2, 3],
      spacingMm: [0.7, 0.8],
      modality: "CT",
    });
    const perFrame = [0, 1, 2].map((index): WrittenElement[] => [
      ["00209113", "SQ", [[["00200032", "DS", `0\\0\\${index * 5}`]]]],
      [
        "00289132",
        "SQ",
        [
          [
            ["00281050", "DS", "2048"],
            ["00281051", "DS", index === 1 ? "1024" : "4096"],
          ],
        ],
      ],
    ]);
    const shared: WrittenElement[][] = [[["00209116", "SQ", [[["00200037", "DS", "1\\0\\0\\0\\1\\0"]]]]]];
    const enhanced = await readDicom(
      writeDicom(
        elementsOf(
          {
            ...three,
            ...set(["52009229", "SQ", shared], ["52009230", "SQ", perFrame]),
            ...pixelData([0, 1, 2].flatMap(frame)),
          },
          16,
          12,
        ),
      ),
    );
    expect(enhanced.placement(2)).toEqual({ orientation: [1, 0, 0, 0, 1, 0], positionMm: [0, 0, 10] });
    expect(grays(await enhanced.decodeFrame(1))).toEqual(frame(1).map((value) => linear(value, 2048, 1024)));
    expect(grays(await enhanced.decodeFrame(2))).toEqual(expected(2));
  });
});
