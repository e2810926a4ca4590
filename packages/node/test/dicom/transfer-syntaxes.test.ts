import { describe, expect, test } from "vitest";
import {
  encodeRunLength,
  type WriteOptions,
  type WrittenElement,
  writeDicom,
} from "../../src/dicom/dicom-writer.test-support.js";
import { createSharpCodec } from "../../src/image/sharp-codec.js";
import {
  decode,
  elementsOf,
  grays,
  height,
  high,
  jpeg2000,
  jpegLs,
  linear,
  low,
  pixelData,
  ramp12,
  uid,
  width,
  windowed,
  words,
} from "./support.js";

describe("12 bits in every lossless transfer syntax show the same picture", () => {
  const expected = ramp12.map((value) => linear(value, 2048, 4096));
  const plain = () => elementsOf({ ...windowed, ...pixelData(ramp12) }, 16, 12);
  const inFragments = (syntax: string, frame: Uint8Array): [WrittenElement[], WriteOptions] => [
    elementsOf(windowed, 16, 12),
    { syntax, fragments: [[frame]] },
  ];
  const cases: readonly (readonly [string, () => [WrittenElement[], WriteOptions?]])[] = [
    ["implicit little endian", () => [plain(), { syntax: uid("") }]],
    ["explicit little endian", () => [plain()]],
    ["explicit big endian", () => [plain(), { syntax: uid(".2") }]],
    ["deflated", () => [plain(), { syntax: uid(".1.99") }]],
    ["no preamble", () => [plain(), { start: "no-preamble" }]],
    ["data set alone, explicit", () => [plain(), { start: "data-only" }]],
    ["data set alone, implicit", () => [plain(), { start: "data-only", syntax: uid("") }]],
    ["RLE", () => inFragments(uid(".5"), encodeRunLength([high(ramp12), low(ramp12)]))],
    ["JPEG-LS", () => inFragments(uid(".4.80"), jpegLs(words(ramp12), 12))],
    ["JPEG 2000", () => inFragments(uid(".4.90"), jpeg2000(words(ramp12), 12))],
  ];
  test.each(cases)("%s", async (_what, make) => {
    const bytes = writeDicom(...make());
    const image = await decode(bytes);
    expect(image).toMatchObject({ width, height });
    expect(grays(image)).toEqual(expected);
    const codec = createSharpCodec();
    expect(await codec.probe(bytes)).toEqual({ format: "dicom", width, height, orientation: 1 });
    expect(grays(await codec.decode(bytes))).toEqual(expected);
  });

  test("cut anywhere: a typed error", async () => {
    for (const [, make] of cases) {
      const bytes = writeDicom(...make());
      for (const share of [0.05, 0.2, 0.5, 0.8, 0.95]) {
        const failure = await decode(bytes.subarray(0, Math.floor(bytes.length * share))).then(
          () => undefined,
          (error) => error,
        );
        expect(failure).toMatchObject({ code: "CORRUPT_IMAGE" });
      }
    }
  });
});
