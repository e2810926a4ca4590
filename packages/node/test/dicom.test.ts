import { readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import type { RgbaImage } from "@maskery/core";
import sharp from "sharp";
import { beforeAll, describe, expect, test } from "vitest";
import {
  encodeRunLength,
  type WriteOptions,
  type WrittenElement,
  writeDicom,
} from "../src/dicom/dicom-writer.test-support.js";
import { readDicom } from "../src/dicom/index.js";
import { createSharpCodec } from "../src/image/sharp-codec.js";

const width = 32;
const height = 24;
const pixels = width * height;
const uid = (end: string) => `1.2.840.10008.1.2${end}`;

function elementsOf(
  changes: Readonly<Record<string, WrittenElement | undefined>> = {},
  bits = 16,
  stored = bits,
): WrittenElement[] {
  const standard: Record<string, WrittenElement | undefined> = {
    "00080060": ["00080060", "CS", "CT"],
    "00280002": ["00280002", "US", [1]],
    "00280004": ["00280004", "CS", "MONOCHROME2"],
    "00280010": ["00280010", "US", [height]],
    "00280011": ["00280011", "US", [width]],
    "00280100": ["00280100", "US", [bits]],
    "00280101": ["00280101", "US", [stored]],
    "00280102": ["00280102", "US", [stored - 1]],
    "00280103": ["00280103", "US", [0]],
    ...changes,
  };
  return Object.values(standard).filter((element) => element !== undefined);
}
const set = (...elements: WrittenElement[]) =>
  Object.fromEntries(elements.map((element) => [element[0], element]));

const rampAt = (index: number) => (index * 37) % 4096;
const ramp12 = Array.from({ length: pixels }, (_, index) => rampAt(index));
const windowed = set(["00281050", "DS", "2048"], ["00281051", "DS", "4096"]);
/** DICOM PS3.3 C.11.2.1.2.1, written down a second time. */
const linear = (value: number, c: number, w: number) =>
  value <= c - 0.5 - (w - 1) / 2
    ? 0
    : value > c - 0.5 + (w - 1) / 2
      ? 255
      : Math.round(((value - (c - 0.5)) / (w - 1) + 0.5) * 255);

const grays = ({ data }: RgbaImage) => Array.from({ length: data.length / 4 }, (_, index) => data[index * 4]);
const colours = ({ data }: RgbaImage) => [...data].filter((_, index) => index % 4 !== 3);
const decode = async (bytes: Uint8Array, frame = 0, options = {}) =>
  (await readDicom(bytes)).decodeFrame(frame, options);
const words = (values: readonly number[]) => new Uint8Array(Uint16Array.from(values).buffer);

/** The codecs' own encoders; they are not in what decodes. */
let openJpeg: { J2KEncoder: new () => Encoder };
let charLs: { JpegLSEncoder: new () => Encoder };
interface Encoder {
  getDecodedBuffer(info: object): Uint8Array;
  getEncodedBuffer(): Uint8Array;
  setDecompositions(levels: number): void;
  setInterleaveMode(mode: number): void;
  encode(): void;
}
const require = createRequire(import.meta.url);
beforeAll(async () => {
  openJpeg = await require("@cornerstonejs/codec-openjpeg")();
  charLs = await require("@cornerstonejs/codec-charls")();
});
function encodeWith(
  encoder: Encoder,
  bytes: Uint8Array,
  bitsPerSample: number,
  componentCount = 1,
  isSigned = false,
): Uint8Array {
  const info = {
    width,
    height,
    bitsPerSample,
    componentCount,
    isSigned,
    isUsingColorTransform: componentCount === 3,
  };
  encoder.getDecodedBuffer(info).set(bytes);
  encoder.encode();
  return Uint8Array.from(encoder.getEncodedBuffer());
}
function jpeg2000(bytes: Uint8Array, bits: number, components = 1, signed = false): Uint8Array {
  const encoder = new openJpeg.J2KEncoder();
  encoder.setDecompositions(2);
  return encodeWith(encoder, bytes, bits, components, signed);
}
function jpegLs(bytes: Uint8Array, bits: number, components = 1, mode = 0): Uint8Array {
  const encoder = new charLs.JpegLSEncoder();
  encoder.setInterleaveMode(mode);
  return encodeWith(encoder, bytes, bits, components);
}

const pixelData = (values: readonly number[]) => set(["7fe00010", "OW", values]);
const high = (values: readonly number[]) => Uint8Array.from(values, (value) => value >> 8);
const low = (values: readonly number[]) => Uint8Array.from(values, (value) => value & 255);

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

describe("real files of lossless JPEG that come with the decoder", () => {
  const folder = join(dirname(require.resolve("jpeg-lossless-decoder-js")), "../../tests/data");
  test.each(readdirSync(folder))("%s", async (name) => {
    const picture = await readDicom(readFileSync(join(folder, name)));
    const image = await picture.decodeFrame(0, { window: "range" });
    expect(image.data.length).toBe(picture.width * picture.height * 4);
    const values = picture.photometric.startsWith("MONO") ? grays(image) : colours(image);
    expect(new Set(values).size).toBeGreaterThan(50);
  });
});

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

describe("colours", () => {
  const rgb = Array.from({ length: pixels }, (_, index) => [
    (index * 3) & 255,
    (index * 7) & 255,
    (index >> 2) & 255,
  ]);
  const planes = [0, 1, 2].map((channel) => Uint8Array.from(rgb, (pixel) => pixel[channel] as number)) as [
    Uint8Array,
    Uint8Array,
    Uint8Array,
  ];
  const interleaved = Uint8Array.from(rgb.flat());
  const planar = Buffer.concat(planes);
  const colour = (photometric: string, planarConfiguration: number, bytes?: Uint8Array) =>
    elementsOf(
      {
        ...set(
          ["00280002", "US", [3]],
          ["00280004", "CS", photometric],
          ["00280006", "US", [planarConfiguration]],
        ),
        ...(bytes && set(["7fe00010", "OB", bytes])),
      },
      8,
    );

  test("RGB, plain and compressed, interleaved and planar", async () => {
    const files = [
      writeDicom(colour("RGB", 0, interleaved)),
      writeDicom(colour("RGB", 1, planar)),
      writeDicom(colour("RGB", 0), { syntax: uid(".5"), fragments: [[encodeRunLength(planes)]] }),
      writeDicom(colour("RGB", 0), { syntax: uid(".4.80"), fragments: [[jpegLs(interleaved, 8, 3, 2)]] }),
      writeDicom(colour("RGB", 0), { syntax: uid(".4.80"), fragments: [[jpegLs(planar, 8, 3, 0)]] }),
      writeDicom(colour("YBR_RCT", 0), { syntax: uid(".4.90"), fragments: [[jpeg2000(interleaved, 8, 3)]] }),
    ];
    for (const [index, file] of files.entries())
      expect(colours(await decode(file)), `${index}`).toEqual([...interleaved]);
  });

  test("YBR_FULL and YBR_FULL_422", async () => {
    const clamp = (value: number) => Math.min(255, Math.max(0, value));
    const toRgb = ([y, b, r]: number[]) =>
      [
        y! + 1.402 * (r! - 128),
        y! - 0.344136 * (b! - 128) - 0.714136 * (r! - 128),
        y! + 1.772 * (b! - 128),
      ].map(clamp);
    const close = (found: number[], expected: number[]) =>
      expect(
        Math.max(...found.map((value, index) => Math.abs(value - expected[index]!))),
      ).toBeLessThanOrEqual(0.51);
    close(colours(await decode(writeDicom(colour("YBR_FULL", 0, interleaved)))), rgb.flatMap(toRgb));
    close(colours(await decode(writeDicom(colour("YBR_FULL", 1, planar)))), rgb.flatMap(toRgb));
    const pairs = Array.from({ length: pixels / 2 }, (_, index) => [index & 255, (index * 3) & 255, 90, 160]);
    close(
      colours(await decode(writeDicom(colour("YBR_FULL_422", 0, Uint8Array.from(pairs.flat()))))),
      pairs.flatMap(([a, b, cb, cr]) => [...toRgb([a!, cb!, cr!]), ...toRgb([b!, cb!, cr!])]),
    );
  });

  test("JPEG baseline: gray, YCbCr, and RGB that no marker announces", async () => {
    const smooth = Buffer.from(
      Uint8Array.from(
        { length: pixels * 3 },
        (_, index) => 60 + 3 * (Math.floor(index / 3) % width) + 20 * (index % 3),
      ),
    );
    const raw = { raw: { width, height, channels: 3 as const } };
    const ycc = await sharp(smooth, raw).jpeg({ quality: 100, chromaSubsampling: "4:4:4" }).toBuffer();
    const near = (found: number[], expected: ArrayLike<number>, limit: number) =>
      expect(Math.max(...found.map((value, index) => Math.abs(value - expected[index]!)))).toBeLessThan(
        limit,
      );
    near(
      colours(
        await decode(writeDicom(colour("YBR_FULL_422", 0), { syntax: uid(".4.50"), fragments: [[ycc]] })),
      ),
      smooth,
      6,
    );
    const gray = await sharp(Buffer.from(planes[2]), { raw: { width, height, channels: 1 } })
      .toColourspace("b-w")
      .jpeg({ quality: 100 })
      .toBuffer();
    const shown = grays(
      await decode(
        writeDicom(elementsOf(set(["00281050", "DS", "128"], ["00281051", "DS", "256"]), 8), {
          syntax: uid(".4.50"),
          fragments: [[gray]],
        }),
      ),
    ) as number[];
    near(shown, planes[2], 8);
    // The same stream without its JFIF mark, called RGB: components are shown as they stand.
    const bare =
      ycc[3] === 0xe0 ? Buffer.concat([ycc.subarray(0, 2), ycc.subarray(4 + ycc.readUInt16BE(4))]) : ycc;
    const plain = await decode(writeDicom(colour("RGB", 0), { syntax: uid(".4.50"), fragments: [[bare]] }));
    const first = (Array.from({ length: pixels }, (_, index) => plain.data[index * 4]) as number[]).slice(
      0,
      width,
    );
    near(
      first,
      Array.from(
        { length: width },
        (_, x) => 0.299 * (60 + 3 * x) + 0.587 * (80 + 3 * x) + 0.114 * (100 + 3 * x),
      ),
      6,
    );
    const twelve = Buffer.from(ycc);
    twelve[twelve.indexOf(Buffer.of(0xff, 0xc0)) + 4] = 12;
    await expect(
      decode(writeDicom(colour("YBR_FULL_422", 0), { syntax: uid(".4.51"), fragments: [[twelve]] })),
    ).rejects.toMatchObject({
      code: "UNSUPPORTED_FORMAT",
      message: expect.stringContaining("JPEG Extended"),
    });
    await expect(
      decode(
        writeDicom(colour("YBR_FULL_422", 0), {
          syntax: uid(".4.50"),
          fragments: [[ycc.subarray(0, ycc.length >> 1)]],
        }),
      ),
    ).rejects.toMatchObject({ code: "CORRUPT_IMAGE" });
  });

  test("palette of 16-bit entries, with a first value other than 0", async () => {
    const tables = [0, 1, 2].map((channel) =>
      Array.from({ length: 8 }, (_, entry) => ((entry * 30 + channel * 9) << 8) | 5),
    );
    const palette = tables.flatMap((table, channel): WrittenElement[] => [
      [`0028110${channel + 1}`, "US", [8, 2, 16]],
      [`0028120${channel + 1}`, "OW", table],
    ]);
    const stored = Uint8Array.from({ length: pixels }, (_, index) => index % 12);
    const bytes = writeDicom(
      elementsOf(set(["00280004", "CS", "PALETTE COLOR"], ...palette, ["7fe00010", "OB", stored]), 8),
    );
    expect(colours(await decode(bytes))).toEqual(
      [...stored].flatMap((value) =>
        [0, 1, 2].map((channel) => Math.min(7, Math.max(0, value - 2)) * 30 + channel * 9),
      ),
    );
  });
});

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
