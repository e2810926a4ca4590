import { MaskeryError } from "@maskery/core";
import fc from "fast-check";
import { expect, test } from "vitest";
import { encodeRunLength, writeDicom } from "../../src/dicom/dicom-writer.test-support.js";
import { readDicom } from "../../src/dicom/index.js";
import { createSharpCodec } from "../../src/image/sharp-codec.js";
import { writeExtendedJpeg } from "./extended-jpeg-writer.js";
import { writeLosslessJpeg } from "./lossless-jpeg-writer.js";
import {
  elementsOf,
  height,
  high,
  jpeg2000,
  jpegLs,
  low,
  pixelData,
  ramp12,
  set,
  uid,
  width,
  windowed,
  words,
} from "./support.js";

/** Pictures of this size are decoded in no time: what these files declare beyond it has to be refused. */
const limits = { maxBytes: 1_000_000, maxPixels: 10_000 };

const fragmented = (end: string, frame: Uint8Array) =>
  writeDicom(elementsOf(windowed, 16, 12), { syntax: uid(end), fragments: [[frame]] });
const table = set([
  "00283010",
  "SQ",
  [
    [
      ["00283002", "US", [16, 0, 8]],
      ["00283006", "OW", ramp12.slice(0, 16)],
    ],
  ],
]);
const files = [
  writeDicom(elementsOf({ ...table, ...pixelData(ramp12) }, 16, 12)),
  writeDicom(elementsOf({ ...windowed, ...pixelData(ramp12) }, 16, 12), { syntax: uid("") }),
  writeDicom(elementsOf({ ...windowed, ...pixelData(ramp12) }, 16, 12), { syntax: uid(".2") }),
  writeDicom(elementsOf({ ...windowed, ...pixelData(ramp12) }, 16, 12), { syntax: uid(".1.99") }),
  writeDicom(elementsOf({ ...windowed, ...pixelData(ramp12) }, 16, 12), { start: "data-only" }),
  fragmented(".5", encodeRunLength([high(ramp12), low(ramp12)])),
  fragmented(".4.80", jpegLs(words(ramp12), 12)),
  fragmented(".4.90", jpeg2000(words(ramp12), 12)),
  fragmented(".4.70", writeLosslessJpeg({ width, height, bits: 12, planes: [ramp12], selection: 1 })),
  fragmented(
    ".4.51",
    writeExtendedJpeg({
      width,
      height,
      components: [{ across: 1, down: 1, sample: (x, y) => (x * 50 + y * 70) % 4096 }],
    }),
  ),
];

async function expectPictureOrTypedError(bytes: Uint8Array): Promise<"picture" | "error"> {
  try {
    const picture = await readDicom(bytes, { limits });
    const image = await picture.decodeFrame(0);
    expect(image.data.length).toBe(picture.width * picture.height * 4);
    return "picture";
  } catch (error) {
    if (!MaskeryError.is(error)) throw error;
    expect(["CORRUPT_IMAGE", "UNSUPPORTED_FORMAT", "IMAGE_TOO_LARGE"]).toContain(error.code);
    return "error";
  }
}

test("the files themselves are pictures", async () => {
  for (const [index, bytes] of files.entries())
    expect(await expectPictureOrTypedError(bytes), `${index}`).toBe("picture");
});

test("bytes changed, left out or repeated anywhere: a picture or a typed error", async () => {
  const change = fc.record({
    place: fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }),
    // Headers are short beside pixels, and more goes wrong there.
    inHeader: fc.boolean(),
    bytes: fc.uint8Array({ maxLength: 6 }),
    leftOut: fc.integer({ min: 0, max: 6 }),
  });
  const damaged = fc.record({
    file: fc.nat(files.length - 1),
    changes: fc.array(change, { minLength: 1, maxLength: 4 }),
  });
  await fc.assert(
    fc.asyncProperty(damaged, async ({ file, changes }) => {
      let bytes = files[file]!;
      for (const { place, inHeader, bytes: inserted, leftOut } of changes) {
        const from = inHeader ? 128 + Math.floor(place * 400) : Math.floor(place * bytes.length);
        bytes = Buffer.concat([bytes.subarray(0, from), inserted, bytes.subarray(from + leftOut)]);
      }
      await expectPictureOrTypedError(bytes);
    }),
    { numRuns: 600 },
  );
});

test("noise, with and without a signature: a typed error", async () => {
  const signature = Buffer.concat([Buffer.alloc(128), Buffer.from("DICM")]);
  const codec = createSharpCodec();
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ minLength: 1, maxLength: 600 }), async (noise) => {
      expect(await expectPictureOrTypedError(Buffer.concat([signature, noise]))).toBe("error");
      expect(await expectPictureOrTypedError(noise)).toBe("error");
      await expect(codec.decode(Buffer.concat([signature, noise]))).rejects.toSatisfy(MaskeryError.is);
    }),
    { numRuns: 200 },
  );
});
