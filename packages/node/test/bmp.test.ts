import { describe, expect, test } from "vitest";
import { createSharpCodec } from "../src/image/sharp-codec.js";

const codec = createSharpCodec();
const width = 11;
const height = 5;

interface Parts {
  headerBytes?: number;
  bits: number;
  compression?: number;
  masks?: readonly number[];
  palette?: readonly (readonly [number, number, number])[];
  rows: readonly (readonly number[])[];
  size?: readonly [width: number, height: number];
  topDown?: boolean;
}

/** Writes a bitmap; rows are bytes, given from top to bottom and padded here. */
function bmp({
  headerBytes = 40,
  bits,
  compression = 0,
  masks = [],
  palette = [],
  rows,
  ...rest
}: Parts): Buffer {
  const [w, h] = rest.size ?? [width, height];
  const core = headerBytes === 12;
  const masksInside = headerBytes >= 52;
  const header = Buffer.alloc(14 + headerBytes);
  const outside = masksInside ? Buffer.alloc(0) : Buffer.alloc(masks.length * 4);
  for (const [index, mask] of masks.entries())
    masksInside ? header.writeUInt32LE(mask, 54 + index * 4) : outside.writeUInt32LE(mask, index * 4);
  const colours = Buffer.from(palette.flatMap(([r, g, b]) => (core ? [b, g, r] : [b, g, r, 0])));
  const ordered = compression === 1 || compression === 2 || rest.topDown ? rows : [...rows].reverse();
  const padded = ordered.map((row) =>
    compression === 1 || compression === 2
      ? Buffer.from(row)
      : Buffer.concat([Buffer.from(row), Buffer.alloc((4 - (row.length % 4)) % 4)]),
  );
  header.write("BM");
  header.writeUInt32LE(header.length + outside.length + colours.length, 10);
  header.writeUInt32LE(headerBytes, 14);
  if (core) {
    header.writeUInt16LE(w, 18);
    header.writeUInt16LE(h, 20);
    header.writeUInt16LE(1, 22);
    header.writeUInt16LE(bits, 24);
  } else {
    header.writeInt32LE(w, 18);
    header.writeInt32LE(rest.topDown ? -h : h, 22);
    header.writeUInt16LE(1, 26);
    header.writeUInt16LE(bits, 28);
    if (headerBytes >= 20) header.writeUInt32LE(compression, 30);
    if (headerBytes >= 40) header.writeUInt32LE(palette.length, 46);
  }
  return Buffer.concat([header, outside, colours, ...padded]);
}

type Pixel = readonly [number, number, number, number];

async function expectPixels(file: Uint8Array, pixelAt: (x: number, y: number) => Pixel): Promise<void> {
  const image = await codec.decode(file);
  expect(image).toMatchObject({ width, height });
  const expected = Array.from({ length: width * height }, (_, i) =>
    pixelAt(i % width, Math.floor(i / width)),
  );
  expect([...image.data]).toEqual(expected.flat());
  expect(await codec.probe(file)).toEqual({ format: "bmp", width, height, orientation: 1 });
}

const rowsOf = (row: (y: number) => number[]) => Array.from({ length: height }, (_, y) => row(y));
const columns = (value: (x: number) => number[]) => Array.from({ length: width }, (_, x) => value(x)).flat();
const colour = (index: number): [number, number, number] => [
  (index * 53) & 255,
  (index * 29 + 7) & 255,
  255 - index,
];

describe("bitmaps of every kind", () => {
  for (const bits of [1, 2, 4, 8]) {
    const indexAt = (x: number, y: number) => (x * 3 + y * 5) % 2 ** bits;
    const rows = rowsOf((y) => {
      const text = Array.from({ length: width }, (_, x) =>
        indexAt(x, y).toString(2).padStart(bits, "0"),
      ).join("");
      return (text.match(/.{1,8}/g) ?? []).map((byte) => Number.parseInt(byte.padEnd(8, "0"), 2));
    });
    const palette = Array.from({ length: 2 ** bits }, (_, index) => colour(index));
    for (const headerBytes of [12, 16, 40, 64, 108, 124]) {
      test(`${bits} bits, header of ${headerBytes} bytes`, () =>
        expectPixels(bmp({ headerBytes, bits, palette, rows }), (x, y) => [...colour(indexAt(x, y)), 255]));
    }
  }

  const rgbAt = (x: number, y: number): [number, number, number] => [x * 23, y * 51, (x * y * 7) & 255];
  for (const headerBytes of [12, 40, 124])
    for (const topDown of headerBytes === 12 ? [false] : [false, true])
      test(`24 bits, header of ${headerBytes} bytes, ${topDown ? "from the top" : "from the bottom"}`, () =>
        expectPixels(
          bmp({
            headerBytes,
            bits: 24,
            topDown,
            rows: rowsOf((y) => columns((x) => [...rgbAt(x, y)].reverse())),
          }),
          (x, y) => [...rgbAt(x, y), 255],
        ));

  test("32 bits: the fourth byte is padding without a mask", () =>
    expectPixels(
      bmp({ bits: 32, rows: rowsOf((y) => columns((x) => [...[...rgbAt(x, y)].reverse(), 77])) }),
      (x, y) => [...rgbAt(x, y), 255],
    ));
  test("32 bits with alpha by a mask; alpha of zero everywhere was never filled", async () => {
    const masks = [0xff, 0xff00, 0xff0000, 0xff000000];
    for (const headerBytes of [56, 108, 124]) {
      const file = (alpha: (x: number) => number) =>
        bmp({
          headerBytes,
          bits: 32,
          compression: 3,
          masks,
          rows: rowsOf((y) => columns((x) => [...rgbAt(x, y), alpha(x)])),
        });
      await expectPixels(
        file((x) => x * 20),
        (x, y) => [...rgbAt(x, y), x * 20],
      );
      await expectPixels(
        file(() => 0),
        (x, y) => [...rgbAt(x, y), 255],
      );
    }
    await expectPixels(
      bmp({ bits: 32, compression: 6, masks, rows: rowsOf((y) => columns((x) => [...rgbAt(x, y), 200])) }),
      (x, y) => [...rgbAt(x, y), 200],
    );
  });

  const word = (value: number) => [value & 255, value >> 8];
  test("16 bits: five each by default, others by masks", async () => {
    const five = (x: number) => (x * 3) % 32;
    const grow = (value: number, bits: number) => Math.round((value * 255) / (2 ** bits - 1));
    await expectPixels(
      bmp({ bits: 16, rows: rowsOf((y) => columns((x) => word((five(x) << 10) | (y << 5) | 31))) }),
      (x, y) => [grow(five(x), 5), grow(y, 5), 255, 255],
    );
    for (const headerBytes of [40, 52, 108])
      await expectPixels(
        bmp({
          headerBytes,
          bits: 16,
          compression: 3,
          masks: [0xf800, 0x07e0, 0x001f],
          rows: rowsOf((y) => columns((x) => word((five(x) << 11) | ((y * 12) << 5) | x))),
        }),
        (x, y) => [grow(five(x), 5), grow(y * 12, 6), grow(x, 5), 255],
      );
    await expectPixels(
      bmp({
        bits: 16,
        compression: 6,
        masks: [0x0f00, 0x00f0, 0x000f, 0xf000],
        rows: rowsOf((y) => columns((x) => word((x << 12) | (y << 8) | 0x5a))),
      }),
      (x, y) => [y * 17, 85, 170, x * 17],
    );
  });
});

describe("runs", () => {
  const palette = Array.from({ length: 16 }, (_, index) => colour(index));
  const gridOf =
    (rows: readonly (readonly number[])[]) =>
    (x: number, y: number): Pixel => [...colour(rows[height - 1 - y]?.[x] ?? 0), 255];

  test("RLE8: runs, plain pixels, jumps, ends of lines", async () => {
    const rows = [
      [11, 3, 0, 0],
      [0, 5, 1, 2, 3, 4, 5, 0, 6, 7, 0, 0],
      [0, 2, 4, 1, 2, 9, 0, 0],
      [255, 8, 0, 1],
    ];
    const seven = Array.from({ length: 6 }, () => 7);
    await expectPixels(
      bmp({ bits: 8, compression: 1, palette, rows }),
      gridOf([
        Array.from({ length: 11 }, () => 3),
        [1, 2, 3, 4, 5, ...seven],
        [],
        [0, 0, 0, 0, 9, 9],
        Array.from({ length: 11 }, () => 8),
      ]),
    );
  });

  test("RLE4: two pixels in turn", () =>
    expectPixels(
      bmp({
        bits: 4,
        compression: 2,
        palette,
        rows: [
          [11, 0x12, 0, 0],
          [0, 5, 0x34, 0x56, 0x70, 0, 6, 0xaa, 0, 1],
        ],
      }),
      gridOf([
        [1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1],
        [3, 4, 5, 6, 7, 10, 10, 10, 10, 10, 10],
      ]),
    ));

  const broken: readonly (readonly [string, readonly number[][]])[] = [
    ["the file ends before its rows do", [[11, 3, 0, 0]]],
    ["the file ends in plain pixels", [[0, 200, 1, 2]]],
    ["a jump leaves the picture", [[0, 2, 3, 40, 0, 1]]],
  ];
  test.each(broken)("refused: %s", async (_what, rows) => {
    await expect(codec.decode(bmp({ bits: 8, compression: 1, palette, rows }))).rejects.toMatchObject({
      code: "CORRUPT_IMAGE",
    });
  });
});

describe("headers that lie", () => {
  const good = () => bmp({ bits: 24, rows: rowsOf(() => columns(() => [1, 2, 3])) });
  const changed = (change: (bytes: Buffer) => void) => {
    const bytes = good();
    change(bytes);
    return bytes;
  };
  const cases: readonly (readonly [string, Buffer, string])[] = [
    ["more pixels than bytes", changed((b) => b.writeInt32LE(7000, 18)), "CORRUPT_IMAGE"],
    ["more pixels than the limit", changed((b) => b.writeInt32LE(2_000_000_000, 18)), "IMAGE_TOO_LARGE"],
    ["the most negative height", changed((b) => b.writeInt32LE(-(2 ** 31), 22)), "IMAGE_TOO_LARGE"],
    ["no width", changed((b) => b.writeInt32LE(0, 18)), "CORRUPT_IMAGE"],
    ["a negative width", changed((b) => b.writeInt32LE(-11, 18)), "CORRUPT_IMAGE"],
    ["pixels inside the header", changed((b) => b.writeUInt32LE(20, 10)), "CORRUPT_IMAGE"],
    ["pixels behind the end", changed((b) => b.writeUInt32LE(9_999_999, 10)), "CORRUPT_IMAGE"],
    ["a header of 3 bytes", changed((b) => b.writeUInt32LE(3, 14)), "CORRUPT_IMAGE"],
    ["a header longer than the file", changed((b) => b.writeUInt32LE(4_000_000, 14)), "CORRUPT_IMAGE"],
    ["seven bits a pixel", changed((b) => b.writeUInt16LE(7, 28)), "UNSUPPORTED_FORMAT"],
    ["a JPEG inside", changed((b) => b.writeUInt32LE(4, 30)), "UNSUPPORTED_FORMAT"],
    ["runs at 24 bits", changed((b) => b.writeUInt32LE(1, 30)), "UNSUPPORTED_FORMAT"],
    [
      "masks with holes",
      bmp({
        bits: 16,
        compression: 3,
        masks: [0x5000, 0x3e0, 0x1f],
        rows: rowsOf(() => columns(() => [0, 0])),
      }),
      "CORRUPT_IMAGE",
    ],
    ["no palette", bmp({ bits: 8, rows: rowsOf(() => columns(() => [0])) }), "CORRUPT_IMAGE"],
  ];
  test.each(cases)("%s", async (_what, bytes, code) => {
    await expect(codec.decode(bytes)).rejects.toMatchObject({ code, field: "image" });
  });

  test("cut anywhere: a typed error, never a picture; without the last padding: a picture", async () => {
    const bytes = good();
    for (let end = 2; end < bytes.length - 3; end += 1)
      await expect(codec.decode(bytes.subarray(0, end)), `${end}`).rejects.toMatchObject({
        code: expect.stringMatching(/CORRUPT_IMAGE|UNSUPPORTED_FORMAT/),
      });
    expect((await codec.decode(bytes.subarray(0, bytes.length - 3))).width).toBe(width);
  });

  test("only frame 0, and not after the signal fired", async () => {
    await expect(codec.decode(good(), { frame: 1 })).rejects.toMatchObject({
      code: "INVALID_INPUT",
      field: "frame",
    });
    await expect(codec.decode(good(), { signal: AbortSignal.abort() })).rejects.toMatchObject({
      code: "ABORTED",
    });
  });
});
