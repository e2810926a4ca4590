import { describe, expect, test } from "vitest";
import { encodeRunLength, writeDicom } from "../../src/dicom/dicom-writer.test-support.js";
import { readDicom } from "../../src/dicom/index.js";
import {
  decode,
  elementsOf,
  jpeg2000,
  jpegLs,
  low,
  pixelData,
  ramp12,
  set,
  uid,
  width,
  words,
} from "./support.js";

describe("files that lie", () => {
  const cases: readonly (readonly [string, () => Uint8Array, string])[] = [
    [
      "more rows than bytes",
      () => writeDicom(elementsOf({ ...set(["00280010", "US", [60_000]]), ...pixelData(ramp12) })),
      "CORRUPT_IMAGE",
    ],
    [
      "more pixels than the limit",
      () =>
        writeDicom(
          elementsOf({
            ...set(["00280010", "US", [60_000]], ["00280011", "US", [60_000]]),
            ...pixelData(ramp12),
          }),
        ),
      "IMAGE_TOO_LARGE",
    ],
    [
      "a million frames",
      () => writeDicom(elementsOf({ ...set(["00280008", "IS", "1000000"]), ...pixelData(ramp12) })),
      "CORRUPT_IMAGE",
    ],
    [
      "no rows",
      () => writeDicom(elementsOf({ "00280010": undefined, ...pixelData(ramp12) })),
      "CORRUPT_IMAGE",
    ],
    ["no pixels", () => writeDicom(elementsOf()), "CORRUPT_IMAGE"],
    [
      "an unknown transfer syntax",
      () => writeDicom(elementsOf(pixelData(ramp12)), { syntax: "1.2.3.4" }),
      "UNSUPPORTED_FORMAT",
    ],
    ["32 bits", () => writeDicom(elementsOf(pixelData(ramp12), 32)), "UNSUPPORTED_FORMAT"],
    [
      "a frame of another size",
      () =>
        writeDicom(elementsOf(set(["00280010", "US", [12]]), 16, 12), {
          syntax: uid(".4.80"),
          fragments: [[jpegLs(words(ramp12), 12)]],
        }),
      "CORRUPT_IMAGE",
    ],
    [
      "RLE with too few segments",
      () => writeDicom(elementsOf(), { syntax: uid(".5"), fragments: [[encodeRunLength([low(ramp12)])]] }),
      "CORRUPT_IMAGE",
    ],
    [
      "noise called JPEG 2000",
      () => writeDicom(elementsOf(), { syntax: uid(".4.90"), fragments: [[low(ramp12)]] }),
      "CORRUPT_IMAGE",
    ],
    ["the signature alone", () => Buffer.concat([Buffer.alloc(128), Buffer.from("DICM")]), "CORRUPT_IMAGE"],
  ];
  test.each(cases)("%s", async (_what, make, code) => {
    await expect(decode(make())).rejects.toMatchObject({ code });
  });

  test("JPEG 2000 and JPEG-LS of a size or a depth of colour that the file does not promise", async () => {
    const stream = jpeg2000(words(ramp12), 12);
    const inBoxes = Buffer.concat([
      Buffer.from([0, 0, 0, 12, ...Buffer.from("jP  "), 13, 10, 0x87, 10]),
      Buffer.from([0, 0, 0, 0, ...Buffer.from("jp2c")]),
      stream,
    ]);
    const header = new DataView(stream.buffer, stream.byteOffset);
    const changed = (offset: number, value: number) => {
      const copy = Uint8Array.from(stream);
      new DataView(copy.buffer).setUint32(offset, value);
      return copy;
    };
    expect(header.getUint32(8)).toBe(width);
    const wide = changed(8, 100_000);
    // The SIZ segment of a stream in boxes is found too: a library would take the size from there.
    const wideInBoxes = Buffer.concat([inBoxes.subarray(0, inBoxes.length - stream.length), wide]);
    const threeComponents = Uint8Array.from(stream);
    threeComponents[41] = 3;
    const manyComponents = Uint8Array.from(jpegLs(words(ramp12), 12));
    manyComponents[manyComponents.indexOf(0xf7) + 8] = 200;
    for (const [end, bytes] of [
      [".4.90", wide],
      [".4.90", wideInBoxes],
      [".4.90", inBoxes.subarray(0, 30)],
      [".4.90", threeComponents],
      [".4.80", manyComponents],
    ] as const)
      await expect(
        decode(writeDicom(elementsOf({}, 16, 12), { syntax: uid(end), fragments: [[bytes]] })),
      ).rejects.toMatchObject({
        code: "CORRUPT_IMAGE",
        message: expect.stringMatching(/frame of|components|JPEG 2000/),
      });
  });

  test("a file of hundreds of thousands of empty elements", async () => {
    const count = 510_000;
    const flood = Buffer.alloc(count * 8);
    for (let index = 0; index < count; index += 1) {
      flood.writeUInt16LE(0x0029 + (index >> 16) * 2, index * 8);
      flood.writeUInt16LE(index & 0xffff, index * 8 + 2);
      flood.write("US", index * 8 + 4, "latin1");
    }
    const inSequence = Buffer.concat([
      Buffer.from([0x08, 0, 0x40, 0x11, 0x53, 0x51, 0, 0, 0xff, 0xff, 0xff, 0xff]),
      Buffer.from([0xfe, 0xff, 0x00, 0xe0, 0xff, 0xff, 0xff, 0xff]),
      flood,
    ]);
    const start = writeDicom(elementsOf());
    for (const elements of [flood, inSequence])
      await expect(decode(Buffer.concat([start, elements]))).rejects.toMatchObject({
        code: "IMAGE_TOO_LARGE",
        message: expect.stringContaining("500000 DICOM elements"),
      });
  });

  test("sequences within sequences, deeper than any stack", async () => {
    const one = Buffer.from([0x08, 0, 0x40, 0x11, 0x53, 0x51, 0, 0, 0xff, 0xff, 0xff, 0xff]);
    const item = Buffer.from([0xfe, 0xff, 0x00, 0xe0, 0xff, 0xff, 0xff, 0xff]);
    const nested = Buffer.concat(Array(100_000).fill(Buffer.concat([one, item])));
    await expect(decode(Buffer.concat([writeDicom(elementsOf()), nested]))).rejects.toMatchObject({
      code: "CORRUPT_IMAGE",
    });
  });

  test("a deflated file that grows beyond the limit", async () => {
    const bytes = writeDicom(
      elementsOf({ ...set(["00200010", "UN", new Uint8Array(3_000_000)]), ...pixelData(ramp12) }),
      { syntax: uid(".1.99") },
    );
    expect(bytes.length).toBeLessThan(20_000);
    await expect(readDicom(bytes, { limits: { maxBytes: 1_000_000 } })).rejects.toMatchObject({
      code: "IMAGE_TOO_LARGE",
    });
  });
});
