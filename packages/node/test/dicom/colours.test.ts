import sharp from "sharp";
import { describe, expect, test } from "vitest";
import {
  encodeRunLength,
  type WrittenElement,
  writeDicom,
} from "../../src/dicom/dicom-writer.test-support.js";
import {
  colours,
  decode,
  elementsOf,
  grays,
  height,
  jpeg2000,
  jpegLs,
  pixels,
  set,
  uid,
  width,
} from "./support.js";

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

  test.each(["YBR_PARTIAL_422", "YBR_PARTIAL_420", "HSV", "ARGB", "CMYK"])(
    "%s, which is retired or for video, is refused by name",
    async (photometric) => {
      await expect(decode(writeDicom(colour(photometric, 0, interleaved)))).rejects.toMatchObject({
        code: "UNSUPPORTED_FORMAT",
        message: expect.stringContaining(photometric),
      });
    },
  );

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
