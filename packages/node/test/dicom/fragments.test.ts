import { describe, expect, test } from "vitest";
import { encodeRunLength, type WriteOptions, writeDicom } from "../../src/dicom/dicom-writer.test-support.js";
import { readDicom } from "../../src/dicom/index.js";
import {
  decode,
  elementsOf,
  grays,
  high,
  jpegLs,
  linear,
  low,
  pixelData,
  ramp12,
  set,
  uid,
  windowed,
  words,
} from "./support.js";

const frame = (index: number) => ramp12.map((value) => (value + index * 500) % 4096);
const shown = (index: number) => frame(index).map((value) => linear(value, 2048, 4096));
const coded = [0, 1, 2].map((index) => jpegLs(words(frame(index)), 12));
const inPieces = (bytes: Uint8Array, length: number) =>
  Array.from({ length: Math.ceil(bytes.length / length) }, (_, index) =>
    bytes.subarray(index * length, (index + 1) * length),
  );
const file = (options: WriteOptions, more = {}) =>
  writeDicom(elementsOf({ ...windowed, ...set(["00280008", "IS", "3"]), ...more }, 16, 12), {
    syntax: uid(".4.80"),
    ...options,
  });
async function expectFrames(bytes: Uint8Array) {
  const picture = await readDicom(bytes);
  for (const index of [2, 0, 1])
    expect(grays(await picture.decodeFrame(index)), `${index}`).toEqual(shown(index));
}

describe("frames in fragments", () => {
  test("of many pieces, with a right table and with none", async () => {
    for (const length of [2, 64, 5000])
      for (const offsetTable of [true, false])
        await expectFrames(file({ fragments: coded.map((bytes) => inPieces(bytes, length)), offsetTable }));
  });

  test("a table that points elsewhere is not followed", async () => {
    const fragments = coded.map((bytes) => inPieces(bytes, 100));
    for (const offsetTable of [
      [0, 0, 0],
      [0, 10, 20],
      [4_000_000_000, 1, 2],
    ])
      await expectFrames(file({ fragments, offsetTable }));
  });

  test("a file with an extended offset table, whose type has lengths of 32 bits as binary data has", async () => {
    // Types of 64-bit numbers were read with short lengths: everything after them was lost.
    const offsets = new Uint8Array(new BigUint64Array([0n, 1n, 2n]).buffer);
    const tables = set(["7fe00001", "OV", offsets], ["7fe00002", "OV", offsets]);
    await expectFrames(file({ fragments: coded.map((bytes) => [bytes]) }, tables));
    const earlier = set(["00100099", "SV", new Uint8Array(8)], ["0010009a", "UV", new Uint8Array(16)]);
    await expectFrames(file({ fragments: coded.map((bytes) => [bytes]) }, earlier));
  });

  test("fewer than promised: a typed error", async () => {
    const two = file({ fragments: coded.slice(0, 2).map((bytes) => [bytes]) });
    await expect(readDicom(two)).rejects.toMatchObject({ code: "CORRUPT_IMAGE" });
    const none = writeDicom(elementsOf(), { syntax: uid(".4.80"), fragments: [] });
    await expect(readDicom(none)).rejects.toMatchObject({ code: "CORRUPT_IMAGE" });
    const empty = writeDicom(elementsOf(), { syntax: uid(".4.80"), fragments: [[new Uint8Array(0)]] });
    await expect(decode(empty)).rejects.toMatchObject({ code: "CORRUPT_IMAGE" });
  });

  test("RLE of several frames", async () => {
    const fragments = [0, 1, 2].map((index) => [encodeRunLength([high(frame(index)), low(frame(index))])]);
    for (const offsetTable of [true, false])
      await expectFrames(file({ syntax: uid(".5"), fragments, offsetTable }));
  });
});

describe("plain pixel data", () => {
  test("frames of an odd number of bytes follow each other without a gap", async () => {
    const odd = Array.from({ length: 45 }, (_, index) => index * 5);
    const size = set(["00280008", "IS", "3"], ["00280010", "US", [3]], ["00280011", "US", [5]]);
    const whole = set(["00281050", "DS", "128"], ["00281051", "DS", "256"]);
    const pixels = Uint8Array.from(odd);
    // Big endian words: the bytes of each pair are swapped in the file.
    const swapped = Uint8Array.from({ length: 46 }, (_, index) => odd[index ^ 1] ?? 0);
    for (const [vr, data, syntax] of [
      ["OB", pixels, uid(".1")],
      ["OW", pixels, uid("")],
      ["OB", pixels, uid(".2")],
      ["OW", swapped, uid(".2")],
    ] as const) {
      const bytes = writeDicom(elementsOf({ ...size, ...whole, ...set(["7fe00010", vr, data]) }, 8), {
        syntax,
      });
      for (const index of [0, 1, 2])
        expect(grays(await decode(bytes, index)), `${vr} ${syntax}`).toEqual(
          odd.slice(index * 15, index * 15 + 15),
        );
    }
  });

  test("pixels that begin like the first item of a sequence, in a file without types", async () => {
    // fffe, e000: the library took such pixels for a sequence, and the file for a broken one.
    const values = [0xfffe, 0xe000, ...ramp12.slice(2)];
    const bytes = writeDicom(elementsOf({ ...windowed, ...pixelData(values) }, 16, 12), { syntax: uid("") });
    expect(grays(await decode(bytes))).toEqual(values.map((value) => linear(value & 0xfff, 2048, 4096)));
  });

  test("a signature without file meta information after it", async () => {
    for (const syntax of [uid(".1"), uid("")]) {
      const data = writeDicom(elementsOf({ ...windowed, ...pixelData(ramp12) }, 16, 12), {
        syntax,
        start: "data-only",
      });
      const bytes = Buffer.concat([Buffer.alloc(128), Buffer.from("DICM"), data]);
      expect(grays(await decode(bytes)), syntax).toEqual(shown(0));
    }
  });
});
