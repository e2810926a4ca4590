import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { writeDicom } from "../../src/dicom/dicom-writer.test-support.js";
import { readDicom } from "../../src/dicom/index.js";
import { decodeHuffmanJpeg } from "../../src/dicom/jpeg/decode-huffman-jpeg.js";
import type { PixelFormat } from "../../src/dicom/pixel-format.js";
import { type ExtendedComponent, type ExtendedJpeg, writeExtendedJpeg } from "./extended-jpeg-writer.js";
import { colours, decode, elementsOf, grays, linear, set, uid, windowed } from "./support.js";

// No multiples of eight, nor of sixteen.
const width = 45;
const height = 37;
const highest = 4095;

const wave = (x: number, y: number) =>
  Math.round(2048 + 1500 * Math.sin(x / 6) * Math.cos(y / 5) + ((x * 7 + y * 13) % 97));
const edges = (x: number, y: number) => (((x >> 3) + (y >> 2)) % 2 ? highest : 0);
const component = (sample: ExtendedComponent["sample"], across = 1, down = 1): ExtendedComponent => ({
  across,
  down,
  sample,
});
const format = (samplesPerPixel: 1 | 3): PixelFormat => ({
  width,
  height,
  frames: 1,
  photometric: samplesPerPixel === 3 ? "YBR_FULL" : "MONOCHROME2",
  samplesPerPixel,
  bitsAllocated: 16,
  bitsStored: 12,
  lowBit: 0,
  signed: false,
  planar: false,
});
const write = (options: Partial<ExtendedJpeg> & Pick<ExtendedJpeg, "components">) =>
  writeExtendedJpeg({ width, height, ...options });

function expectNear(found: ArrayLike<number>, expected: (x: number, y: number) => number, tolerance: number) {
  let worst = 0;
  for (let index = 0; index < width * height; index += 1)
    worst = Math.max(worst, Math.abs(found[index]! - expected(index % width, Math.floor(index / width))));
  expect(worst).toBeLessThanOrEqual(tolerance);
}

describe("12-bit JPEG", () => {
  test("gives the samples back as near as rounded coefficients can", () => {
    for (const sample of [wave, edges, () => 0, () => highest])
      for (const restartInterval of [0, 1, 7])
        expectNear(
          decodeHuffmanJpeg(write({ components: [component(sample)], restartInterval }), format(1)),
          sample,
          4,
        );
  });

  test("with coarse coefficients: as near as their steps", () => {
    expectNear(
      decodeHuffmanJpeg(write({ components: [component(wave)], quantisation: 40 }), format(1)),
      wave,
      90,
    );
    const flat = () => 2900;
    // A table of words; one coefficient stands for the whole block.
    const coarse = decodeHuffmanJpeg(write({ components: [component(flat)], quantisation: 300 }), format(1));
    expectNear(coarse, flat, 300 / 8 / 2 + 1);
  });

  test("colours of every sampling, in one scan or three", () => {
    const luma = (x: number, y: number) => 1000 + x * 20 + y * 10;
    const factors = [
      [1, 1],
      [2, 1],
      [1, 2],
      [2, 2],
    ] as const;
    for (const [across, down] of factors)
      for (const separateScans of [false, true]) {
        const components = [
          component(luma, across, down),
          component((x) => 500 + x * 30),
          component((_x, y) => 3500 - y * 30),
        ];
        const found = decodeHuffmanJpeg(write({ components, separateScans }), format(3));
        const channel = (index: number) => found.filter((_, at) => at % 3 === index);
        expectNear(channel(0), luma, 3);
        expectNear(channel(1), (x) => 500 + Math.floor(x / across) * 30, 3);
        expectNear(channel(2), (_x, y) => 3500 - Math.floor(y / down) * 30, 3);
      }
  });

  test("in a file: gray, and colours of YBR_FULL_422", async () => {
    const sized = set(["00280010", "US", [height]], ["00280011", "US", [width]]);
    const options = (stream: Uint8Array) => ({ syntax: uid(".4.51"), fragments: [[stream]] });
    const gray = writeDicom(
      elementsOf({ ...windowed, ...sized }, 16, 12),
      options(write({ components: [component(wave)] })),
    );
    expect((await readDicom(gray)).transferSyntax.name).toBe("JPEG Extended (Process 2 & 4)");
    expectNear(grays(await decode(gray)) as number[], (x, y) => linear(wave(x, y), 2048, 4096), 1);

    const three = set(["00280002", "US", [3]], ["00280004", "CS", "YBR_FULL_422"], ["00280006", "US", [0]]);
    const components = [component(wave, 2), component(() => 2048), component(() => 2048)];
    const shown = colours(
      await decode(writeDicom(elementsOf({ ...sized, ...three }, 16, 12), options(write({ components })))),
    );
    for (const channel of [0, 1, 2])
      expectNear(
        shown.filter((_, index) => index % 3 === channel),
        (x, y) => (wave(x, y) * 255) / highest,
        2,
      );
  });

  test("a file that DCMTK compressed", async () => {
    const bytes = readFileSync(new URL("dcmtk-extended-12-bit.dcm", import.meta.url));
    const picture = await readDicom(bytes);
    expect(picture).toMatchObject({ width: 40, height: 28, bitsStored: 12 });
    const shown = grays(await picture.decodeFrame(0));
    // What was compressed, by the formula that made it. DCMTK moved the samples and the window by the same amount.
    for (const [index, gray] of shown.entries()) {
      const [x, y] = [index % 40, Math.floor(index / 40)];
      const value = Math.round(2048 + 1800 * Math.sin(x / 9) * Math.cos(y / 7));
      expect(Math.abs(gray! - linear(value, 2048, 4096)), `${x}, ${y}`).toBeLessThanOrEqual(2);
    }
  });

  test("cut or changed anywhere: a picture or a typed error", async () => {
    const stream = write({ components: [component(wave)], restartInterval: 5 });
    const decodeStream = (bytes: Uint8Array) => {
      try {
        return `${decodeHuffmanJpeg(bytes, format(1)).length}`;
      } catch (error) {
        return (error as { code: string }).code;
      }
    };
    for (let length = 0; length < stream.length - 4; length += 31)
      expect(decodeStream(stream.subarray(0, length)), `${length}`).toBe("CORRUPT_IMAGE");
    for (let at = 0; at < stream.length; at += 5) {
      const changed = Uint8Array.from(stream);
      changed[at] = changed[at]! ^ (1 << (at % 8));
      expect([`${width * height}`, "CORRUPT_IMAGE", "UNSUPPORTED_FORMAT"]).toContain(decodeStream(changed));
    }
  });
});
