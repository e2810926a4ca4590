import { readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
// @ts-expect-error The package carries no types.
import * as independent from "jpeg-lossless-decoder-js";
import { describe, expect, test } from "vitest";
import { type WrittenElement, writeDicom } from "../../src/dicom/dicom-writer.test-support.js";
import { readDicom } from "../../src/dicom/index.js";
import { decodeHuffmanJpeg } from "../../src/dicom/jpeg/decode-huffman-jpeg.js";
import type { PixelFormat } from "../../src/dicom/pixel-format.js";
import { type LosslessJpeg, writeLosslessJpeg } from "./lossless-jpeg-writer.js";
import { colours, decode, elementsOf, grays, set, uid } from "./support.js";

const { Decoder } = independent as {
  readonly Decoder: new () => {
    decode(
      buffer: ArrayBuffer,
      offset: number,
      length: number,
      bytesPerSample: number,
    ): Uint8Array | Uint16Array;
  };
};

const width = 29;
const height = 17;

/** Slopes, edges, both extremes, and every few samples something that nothing lets expect. */
function plane(bits: number, seed = 0): number[] {
  const highest = 2 ** bits - 1;
  return Array.from({ length: width * height }, (_, index) => {
    const [x, y] = [index % width, Math.floor(index / width)];
    if (index % 11 === 3) return highest;
    if (index % 11 === 4) return 0;
    if (index % 7 === seed) return (index * 40_503) & highest;
    return Math.round(((x * 3 + y * 5 + seed) / (3 * width + 5 * height)) * highest);
  });
}

const formatOf = (samplesPerPixel: 1 | 3): PixelFormat => ({
  width,
  height,
  frames: 1,
  photometric: samplesPerPixel === 3 ? "RGB" : "MONOCHROME2",
  samplesPerPixel,
  bitsAllocated: 16,
  bitsStored: 16,
  lowBit: 0,
  signed: false,
  planar: false,
});
const write = (options: Partial<LosslessJpeg> & Pick<LosslessJpeg, "bits" | "planes" | "selection">) =>
  writeLosslessJpeg({ width, height, ...options });
const interleaved = (planes: readonly (readonly number[])[]) =>
  planes[0]!.flatMap((_, index) => planes.map((samples) => samples[index]!));

describe("every prediction at every depth gives the samples back", () => {
  for (const selection of [1, 2, 3, 4, 5, 6, 7])
    test(`prediction ${selection}`, () => {
      for (const bits of [2, 8, 10, 12, 15, 16]) {
        const samples = plane(bits);
        const stream = write({ bits, planes: [samples], selection });
        expect([...decodeHuffmanJpeg(stream, formatOf(1))], `${bits} bits`).toEqual(samples);
      }
      for (const bits of [8, 16]) {
        const planes = [plane(bits), plane(bits, 1), plane(bits, 2)];
        for (const separateScans of [false, true])
          expect([
            ...decodeHuffmanJpeg(write({ bits, planes, selection, separateScans }), formatOf(3)),
          ]).toEqual(interleaved(planes));
      }
    });

  test("with restart markers, more than their eight numbers", () => {
    const samples = plane(12);
    for (const selection of [1, 4, 7])
      for (const restartRows of [1, 2, 5])
        expect([
          ...decodeHuffmanJpeg(write({ bits: 12, planes: [samples], selection, restartRows }), formatOf(1)),
        ]).toEqual(samples);
  });

  test("with dropped low bits", () => {
    const samples = plane(12);
    const stream = write({ bits: 12, planes: [samples], selection: 6, pointTransform: 3 });
    expect([...decodeHuffmanJpeg(stream, formatOf(1))]).toEqual(samples.map((value) => (value >> 3) << 3));
  });
});

test("an independent decoder reads the same from what the writer of these tests wrote", () => {
  for (const selection of [1, 2, 3, 4, 5, 6, 7])
    for (const bits of [8, 12, 16]) {
      // Its sums wrap at 16 bits where prediction 7 takes their half.
      if (selection === 7 && bits === 16) continue;
      const stream = Uint8Array.from(write({ bits, planes: [plane(bits)], selection }));
      const found = new Decoder().decode(stream.buffer, 0, stream.length, bits > 8 ? 2 : 1);
      expect([...found], `${selection} ${bits}`).toEqual(plane(bits));
    }
});

describe("files", () => {
  const sized = set(["00280010", "US", [height]], ["00280011", "US", [width]]);
  const rangeOf = (values: readonly number[]) => {
    const [lowest, highest] = [Math.min(...values), Math.max(...values)];
    return values.map((value) => Math.round(((value - lowest) / (highest - lowest)) * 255));
  };
  const file = (elements: WrittenElement[], stream: Uint8Array, end = ".4.57") =>
    writeDicom(elements, { syntax: uid(end), fragments: [[stream]] });

  test.each([".4.57", ".4.70"])("8, 12 and 16 bits, %s", async (end) => {
    for (const bits of [8, 12, 16]) {
      const stream = write({ bits, planes: [plane(bits)], selection: 1 });
      const bytes = file(elementsOf(sized, bits > 8 ? 16 : 8, bits), stream, end);
      expect(grays(await decode(bytes)), `${bits}`).toEqual(rangeOf(plane(bits)));
    }
  });

  test("signed samples of 8, 12 and 16 bits", async () => {
    for (const bits of [8, 12, 16]) {
      const samples = plane(bits);
      const values = samples.map((value) => (value >= 2 ** (bits - 1) ? value - 2 ** bits : value));
      const stream = write({ bits, planes: [samples], selection: 5 });
      const elements = elementsOf({ ...sized, ...set(["00280103", "US", [1]]) }, bits > 8 ? 16 : 8, bits);
      expect(grays(await decode(file(elements, stream))), `${bits}`).toEqual(rangeOf(values));
    }
  });

  test("a sign that reaches beyond the stored bits", async () => {
    const values = plane(12).map((value) => value - 2048);
    const stream = write({ bits: 16, planes: [values.map((value) => value & 0xffff)], selection: 4 });
    const elements = elementsOf({ ...sized, ...set(["00280103", "US", [1]]) }, 16, 12);
    expect(grays(await decode(file(elements, stream)))).toEqual(rangeOf(values));
  });

  test("RGB of 8 and 16 bits, and YBR_FULL_422 that the stream holds in full", async () => {
    const three = (photometric: string) =>
      set(["00280002", "US", [3]], ["00280004", "CS", photometric], ["00280006", "US", [0]]);
    for (const bits of [8, 16]) {
      const planes = [plane(bits), plane(bits, 1), plane(bits, 2)];
      const stream = write({ bits, planes, selection: 2 });
      const bytes = file(elementsOf({ ...sized, ...three("RGB") }, bits), stream);
      expect(colours(await decode(bytes))).toEqual(
        interleaved(planes).map((value) => Math.round((value * 255) / (2 ** bits - 1))),
      );
    }
    // A lossless frame has a colour for every pixel, whatever the file's header says of the file before compression.
    const gray = plane(8);
    const middle = gray.map(() => 128);
    const stream = write({ bits: 8, planes: [gray, middle, middle], selection: 1 });
    const bytes = file(elementsOf({ ...sized, ...three("YBR_FULL_422") }, 8), stream);
    expect(grays(await decode(bytes))).toEqual(gray);
  });

  test("cut at any byte, or with any byte changed: a picture or a typed error", async () => {
    const stream = write({ bits: 12, planes: [plane(12)], selection: 7, restartRows: 4 });
    const elements = elementsOf(sized, 16, 12);
    const outcome = (bytes: Uint8Array) =>
      decode(file(elements, bytes)).then(
        () => "picture",
        (error) => error.code,
      );
    for (let length = 0; length < stream.length - 4; length += 13)
      expect(await outcome(stream.subarray(0, length)), `${length}`).toBe("CORRUPT_IMAGE");
    for (let at = 0; at < stream.length; at += 7) {
      const changed = Uint8Array.from(stream);
      changed[at] = changed[at]! ^ (1 << (at % 8));
      expect(["picture", "CORRUPT_IMAGE", "UNSUPPORTED_FORMAT"]).toContain(await outcome(changed));
    }
  });
});

describe("real files that come with another decoder are read as it reads them", () => {
  const require = createRequire(import.meta.url);
  const folder = join(dirname(require.resolve("jpeg-lossless-decoder-js")), "../../tests/data");
  const names = readdirSync(folder).filter((name) => name.endsWith(".dcm"));
  test("there are some", () => expect(names.length).toBeGreaterThan(5));
  test.each(names)("%s", async (name) => {
    const bytes = readFileSync(join(folder, name));
    const picture = await readDicom(bytes);
    const start = bytes.indexOf(Buffer.of(0xff, 0xd8, 0xff), 132);
    const stream = Uint8Array.from(bytes.subarray(start));
    const isColour = picture.photometric === "RGB";
    const expected = new Decoder().decode(stream.buffer, 0, stream.length, picture.bitsStored > 8 ? 2 : 1);
    const { width, height } = picture;
    const found = decodeHuffmanJpeg(stream, { ...formatOf(isColour ? 3 : 1), width, height });
    expect(found.length).toBe(expected.length);
    expect(found.findIndex((value, index) => value !== expected[index])).toBe(-1);
    const image = await picture.decodeFrame(0, { window: "range" });
    expect(image.data.length).toBe(width * height * 4);
  });
});
