import sharp, { type Sharp } from "sharp";
import { describe, expect, test } from "vitest";
import { createSharpCodec } from "./sharp-codec.js";

const codec = createSharpCodec();
const width = 4;
const height = 2;

/** The same colour everywhere, in 8 bits. */
const plain = (...colour: readonly number[]): Sharp =>
  sharp(
    Uint8Array.from(
      { length: width * height * colour.length },
      (_, index) => colour[index % colour.length] ?? 0,
    ),
    {
      raw: { width, height, channels: colour.length as 3 },
    },
  );

/** The same colour everywhere, in 16 bits. */
const plain16 = (...colour: readonly number[]): Sharp =>
  sharp(
    Uint16Array.from(
      { length: width * height * colour.length },
      (_, index) => colour[index % colour.length] ?? 0,
    ),
    {
      raw: { width, height, channels: colour.length as 3 },
    },
  );

async function firstPixel(file: Uint8Array): Promise<number[]> {
  const image = await codec.decode(file);
  expect(image).toMatchObject({ width, height });
  expect(image.data.length).toBe(width * height * 4);
  return [...image.data.subarray(0, 4)];
}

function expectNear(actual: readonly number[], expected: readonly number[], tolerance: number): void {
  expect(actual).toHaveLength(expected.length);
  for (const [index, value] of expected.entries()) {
    expect(
      Math.abs((actual[index] ?? Number.NaN) - value),
      `${actual} against ${expected}`,
    ).toBeLessThanOrEqual(tolerance);
  }
}

/** Moves the iCCP chunk of one PNG into another, whose numbers stay as they are. */
function withProfileOf(target: Buffer, source: Buffer): Buffer {
  const profile = pngChunks(source).find(({ type }) => type === "iCCP");
  if (!profile) throw new Error("no profile in the source");
  const [header, ...rest] = pngChunks(target).filter(
    ({ type }) => !["iCCP", "gAMA", "cHRM", "sRGB"].includes(type),
  );
  return Buffer.concat([
    target.subarray(0, 8),
    ...[header, profile, ...rest].map((chunk) => chunk?.bytes ?? Buffer.alloc(0)),
  ]);
}

function pngChunks(png: Buffer): { type: string; bytes: Buffer }[] {
  const chunks: { type: string; bytes: Buffer }[] = [];
  for (let offset = 8; offset < png.length; ) {
    const length = 12 + png.readUInt32BE(offset);
    chunks.push({
      type: png.toString("latin1", offset + 4, offset + 8),
      bytes: png.subarray(offset, offset + length),
    });
    offset += length;
  }
  return chunks;
}

describe("every kind of pixels becomes 8-bit sRGB with straight alpha", () => {
  test("16 bits of colour", async () => {
    expectNear(
      await firstPixel(await plain16(20_000, 40_000, 65_535).toColourspace("rgb16").png().toBuffer()),
      [78, 156, 255, 255],
      1,
    );
  });

  test("16 bits of gray", async () => {
    expectNear(
      await firstPixel(await plain16(32_768).toColourspace("grey16").png().toBuffer()),
      [128, 128, 128, 255],
      1,
    );
  });

  test("gray, with and without alpha", async () => {
    expect(await firstPixel(await plain(90).toColourspace("b-w").png().toBuffer())).toEqual([
      90, 90, 90, 255,
    ]);
    expect(await firstPixel(await plain(90, 30).png().toBuffer())).toEqual([90, 90, 90, 30]);
  });

  test("a palette, with and without alpha", async () => {
    expect(await firstPixel(await plain(200, 100, 50).png({ palette: true }).toBuffer())).toEqual([
      200, 100, 50, 255,
    ]);
    expect(await firstPixel(await plain(200, 100, 50, 0).gif().toBuffer())).toHaveLength(4);
  });

  test("four printing inks", async () => {
    for (const file of [
      await plain(180, 120, 100).toColourspace("cmyk").jpeg({ quality: 100 }).toBuffer(),
      await plain(180, 120, 100).toColourspace("cmyk").tiff({ compression: "none" }).toBuffer(),
    ]) {
      expect((await sharp(file).metadata()).space).toBe("cmyk");
      expectNear(await firstPixel(file), [180, 120, 100, 255], 12);
    }
  });

  test("floating point and Lab", async () => {
    expectNear(
      await firstPixel(
        await plain(200, 60, 40).toColourspace("scrgb").tiff({ compression: "none" }).toBuffer(),
      ),
      [200, 60, 40, 255],
      2,
    );
    expectNear(
      await firstPixel(
        await plain(200, 60, 40).toColourspace("lab").tiff({ compression: "none" }).toBuffer(),
      ),
      [200, 60, 40, 255],
      2,
    );
  });

  test("a wide-gamut profile is applied, with 8 bits as with 16", async () => {
    const donor = await plain(1, 2, 3).withIccProfile("p3").png().toBuffer();
    const eight = withProfileOf(await plain(78, 156, 117).png().toBuffer(), donor);
    const sixteen = withProfileOf(
      await plain16(78 * 257, 156 * 257, 117 * 257)
        .toColourspace("rgb16")
        .png()
        .toBuffer(),
      donor,
    );
    expect((await sharp(sixteen).metadata()).depth).toBe("ushort");
    // Display P3 (78, 156, 117) in sRGB.
    expectNear(await firstPixel(eight), [37, 158, 114, 255], 2);
    expectNear(await firstPixel(sixteen), [37, 158, 114, 255], 2);
  });

  test("only the first frame of an animation", async () => {
    const frames = sharp(
      Buffer.concat([Buffer.alloc(width * height * 4, 255), Buffer.alloc(width * height * 4, 90)]),
      {
        raw: { width, height: height * 2, channels: 4, pageHeight: height },
      },
    );
    const gif = await frames
      .clone()
      .gif({ delay: [50, 50] })
      .toBuffer();
    const webp = await sharp(gif, { animated: true }).webp({ lossless: true }).toBuffer();
    for (const file of [gif, webp]) {
      expect((await sharp(file).metadata()).pages).toBe(2);
      expect(await codec.probe(file)).toMatchObject({ width, height });
      expect(await firstPixel(file)).toEqual([255, 255, 255, 255]);
    }
  });
});

test("an embedded thumbnail or a second page does not change the size", async () => {
  const tiff = await plain(200, 100, 50)
    .tiff({ tile: true, pyramid: true, tileWidth: 16, tileHeight: 16 })
    .toBuffer();
  expect(await codec.probe(tiff)).toMatchObject({ width, height, format: "tiff" });
});
