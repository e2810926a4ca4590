import { describe, expect } from "vitest";
import type { ImageCodec } from "../backend/image-codec.js";
import { type ImageFormat, imageFormats, sniffImageFormat } from "../image/image-format.js";
import type { GrayImage, RgbaImage } from "../image/rgba-image.js";
import { type ContractSuiteOptions, countingSignal, dutyTests, expectRejection } from "./contract-suite.js";
import { pngHeaderOnly, withExifOrientation, withPngSize } from "./crafted-files.js";
import { samplePicture, sampleSize } from "./sample-pictures.js";
import { discImage, displayedImage, gradientImage, meanDifference, quarteredImage } from "./test-images.js";

export type ImageCodecDuty =
  | "formats"
  | "round-trip"
  | "alpha"
  | "gray"
  | "one-bit"
  | "orientation"
  | "probe"
  | "unknown-bytes"
  | "damaged-files"
  | "limits"
  | "input-checks"
  | "buffers"
  | "overlap"
  | "abort";

/** How far a lossy format may move a smooth picture, as a mean over all channels. */
const lossyTolerance = 4;

/**
 * The duties of an {@link ImageCodec}. Pictures are made in code; PNG and JPEG are expected of every codec.
 * @param factory - Makes a fresh codec for each test.
 */
export function describeImageCodec(
  name: string,
  factory: () => ImageCodec | Promise<ImageCodec>,
  { knownGaps }: ContractSuiteOptions<ImageCodecDuty> = {},
): void {
  const duty = dutyTests<ImageCodecDuty>(knownGaps);
  const png = async (codec: ImageCodec, image: RgbaImage | GrayImage) =>
    codec.encode(image, { format: "png" });
  const jpeg = async (codec: ImageCodec, image: RgbaImage | GrayImage) =>
    codec.encode(image, { format: "jpeg", quality: 95 });

  describe(`ImageCodec contract: ${name}`, () => {
    duty("formats", "names itself, its version of the contract and formats that exist", async () => {
      const codec = await factory();
      expect(codec.contractVersion).toBe(1);
      expect(codec.name).not.toBe("");
      for (const format of [...codec.decodes, ...codec.encodes]) expect(imageFormats).toContain(format);
      expect(codec.decodes).toEqual(expect.arrayContaining(["png", "jpeg"]));
      expect(codec.encodes).toEqual(expect.arrayContaining(["png", "jpeg"]));
    });

    for (const format of imageFormats) {
      duty("formats", `reads ${format} if it says so, and refuses it otherwise`, async () => {
        const codec = await factory();
        const bytes = samplePicture(format);
        if (!bytes) {
          expect(
            codec.decodes,
            `the suite has no sample of ${format} yet: add one before a codec claims to read it`,
          ).not.toContain(format);
          return;
        }
        if (!codec.decodes.includes(format)) {
          await expectRejection(codec.decode(bytes), "UNSUPPORTED_FORMAT");
          await expectRejection(codec.probe(bytes), "UNSUPPORTED_FORMAT");
          return;
        }
        expect(await codec.probe(bytes)).toEqual({ format, orientation: 1, ...sampleSize });
        const { width, height, data } = await codec.decode(bytes);
        expect({ width, height }).toEqual(sampleSize);
        const pixel = (x: number, y: number) => [
          ...data.subarray((y * width + x) * 4, (y * width + x) * 4 + 4),
        ];
        expect(meanDifference(pixel(2, 3), [220, 30, 20, 255])).toBeLessThan(20);
        expect(meanDifference(pixel(13, 5), [20, 30, 220, 255])).toBeLessThan(20);
      });

      duty("formats", `writes ${format} if it says so, and refuses it otherwise`, async () => {
        const codec = await factory();
        const image = gradientImage(40, 24, { opaque: true });
        if (!codec.encodes.includes(format)) {
          const error = await expectRejection(codec.encode(image, { format }), "UNSUPPORTED_FORMAT");
          expect(error.message).toContain(format);
          return;
        }
        const bytes = await codec.encode(image, { format });
        expect(sniffImageFormat(bytes)).toBe(format);
        if (!codec.decodes.includes(format)) return;
        const decoded = await codec.decode(bytes);
        expect({ width: decoded.width, height: decoded.height }).toEqual({ width: 40, height: 24 });
        expect(meanDifference(decoded.data, image.data)).toBeLessThan(lossyTolerance);
      });
    }

    duty("formats", "refuses a format that nobody knows", async () => {
      const codec = await factory();
      await expectRejection(
        codec.encode(gradientImage(4, 4), { format: "xcf" as ImageFormat }),
        "UNSUPPORTED_FORMAT",
      );
    });

    for (const [width, height] of [
      [64, 48],
      [1, 1],
      [3, 200],
      [257, 5],
    ] as const) {
      duty("round-trip", `keeps every pixel of a ${width} × ${height} PNG, alpha included`, async () => {
        const codec = await factory();
        const image = gradientImage(width, height);
        const decoded = await codec.decode(await png(codec, image));
        expect(decoded).toMatchObject({ width, height });
        expect(meanDifference(decoded.data, image.data)).toBe(0);
      });
    }

    duty("round-trip", "spends fewer bytes at lower quality", async () => {
      const codec = await factory();
      const image = gradientImage(200, 150, { opaque: true });
      const fine = await codec.encode(image, { format: "jpeg", quality: 95 });
      const coarse = await codec.encode(image, { format: "jpeg", quality: 20 });
      expect(coarse.length).toBeLessThan(fine.length);
    });

    duty("alpha", "keeps the colour of pixels that are transparent: alpha is straight", async () => {
      const codec = await factory();
      const image: RgbaImage = { width: 2, height: 1, data: Uint8Array.of(200, 100, 50, 0, 10, 20, 30, 128) };
      expect([...(await codec.decode(await png(codec, image))).data]).toEqual([...image.data]);
    });

    duty("alpha", "puts transparent pixels on white where a format has no alpha", async () => {
      const codec = await factory();
      const image: RgbaImage = { width: 16, height: 16, data: new Uint8Array(16 * 16 * 4) };
      const { data } = await codec.decode(await jpeg(codec, image));
      expect(meanDifference(data, new Uint8Array(data.length).fill(255))).toBeLessThan(2);
    });

    duty("gray", "writes gray pictures and reads them as RGBA", async () => {
      const codec = await factory();
      const image = discImage(50, 40, { ramp: true });
      expect(meanDifference((await codec.decode(await png(codec, image))).data, toRgba(image))).toBe(0);
      expect(meanDifference((await codec.decode(await jpeg(codec, image))).data, toRgba(image))).toBeLessThan(
        lossyTolerance,
      );
      const [bitDepth, colourType] = (await png(codec, image)).subarray(24, 26);
      expect({ bitDepth, colourType }).toEqual({ bitDepth: 8, colourType: 0 });
    });

    for (const [width, height] of [
      [64, 40],
      [61, 33],
      [1, 1],
      [7, 3],
      [8, 1],
    ] as const) {
      duty("one-bit", `writes a mask of ${width} × ${height} with one bit a pixel`, async () => {
        const codec = await factory();
        const image = discImage(width, height);
        const bytes = await codec.encode(image, { format: "png", bitDepth: 1 });
        expect(bytes[24], "bit depth in IHDR").toBe(1);
        const decoded = await codec.decode(bytes);
        expect(decoded).toMatchObject({ width, height });
        expect(meanDifference(decoded.data, toRgba(image))).toBe(0);
      });
    }

    duty("one-bit", "refuses what one bit cannot hold", async () => {
      const codec = await factory();
      const mask = discImage(20, 20);
      await expectRejection(
        codec.encode(discImage(20, 20, { ramp: true }), { format: "png", bitDepth: 1 }),
        "INVALID_INPUT",
      );
      await expectRejection(
        codec.encode(gradientImage(20, 20), { format: "png", bitDepth: 1 }),
        "INVALID_INPUT",
      );
      await expectRejection(codec.encode(mask, { format: "jpeg", bitDepth: 1 }), "INVALID_INPUT");
      await expectRejection(codec.encode(mask, { format: "png", bitDepth: 3 as 1 }), "INVALID_INPUT");
    });

    for (const orientation of [1, 2, 3, 4, 5, 6, 7, 8]) {
      duty(
        "orientation",
        `shows a JPEG with EXIF orientation ${orientation} the right way round, once`,
        async () => {
          const codec = await factory();
          const stored = quarteredImage(64, 32);
          const bytes = withExifOrientation(await jpeg(codec, stored), orientation);
          const { width, height, data } = displayedImage(stored, orientation);
          expect(await codec.probe(bytes)).toEqual({ format: "jpeg", width, height, orientation });
          const decoded = await codec.decode(bytes);
          expect(decoded).toMatchObject({ width, height });
          expect(meanDifference(decoded.data, data)).toBeLessThan(lossyTolerance);
          // What was turned once is stored upright: written and read again it stays as it is.
          const again = await codec.decode(await png(codec, decoded));
          expect(meanDifference(again.data, decoded.data)).toBe(0);
        },
      );
    }

    duty("probe", "tells size and format without the pixels", async () => {
      const codec = await factory();
      const bytes = await png(codec, gradientImage(300, 200));
      expect(await codec.probe(bytes)).toEqual({ format: "png", width: 300, height: 200, orientation: 1 });
    });

    const text = new TextEncoder();
    const unknown: readonly (readonly [what: string, bytes: Uint8Array])[] = [
      ["plain text", text.encode("This is a text file that somebody named picture.png.\n")],
      ["an SVG", text.encode('<svg xmlns="http://www.w3.org/2000/svg" width="10" height="10"></svg>')],
      [
        "an SVG with a declaration",
        text.encode('<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>'),
      ],
      ["a PDF", text.encode("%PDF-1.7\n%âãÏÓ\n")],
      ["one byte", Uint8Array.of(0xff)],
      ["zeros", new Uint8Array(5000)],
    ];
    for (const [what, bytes] of unknown) {
      duty("unknown-bytes", `refuses ${what} as no picture`, async () => {
        const codec = await factory();
        await expectRejection(codec.decode(bytes), "UNSUPPORTED_FORMAT");
        await expectRejection(codec.probe(bytes), "UNSUPPORTED_FORMAT");
      });
    }

    duty("damaged-files", "refuses no bytes at all", async () => {
      const codec = await factory();
      await expectRejection(codec.decode(new Uint8Array(0)), "CORRUPT_IMAGE");
      await expectRejection(codec.probe(new Uint8Array(0)), "CORRUPT_IMAGE");
    });

    for (const format of ["png", "jpeg"] as const) {
      for (const share of [0.02, 0.1, 0.3, 0.6, 0.9, 0.98]) {
        duty(
          "damaged-files",
          `refuses a ${format} that ends after ${share * 100}% of its bytes`,
          async () => {
            const codec = await factory();
            const whole = await codec.encode(noisyImage(120, 90), { format });
            await expectRejection(
              codec.decode(whole.subarray(0, Math.ceil(whole.length * share))),
              "CORRUPT_IMAGE",
            );
          },
        );
      }
    }

    duty("damaged-files", "refuses signatures with nothing behind them", async () => {
      const codec = await factory();
      for (const bytes of [
        pngHeaderOnly(10, 10).subarray(0, 8),
        pngHeaderOnly(10, 10),
        Uint8Array.of(0xff, 0xd8, 0xff, 0xe0),
      ]) {
        await expectRejection(codec.decode(bytes), "CORRUPT_IMAGE");
      }
    });

    duty("damaged-files", "refuses a PNG with other bytes in its middle", async () => {
      const codec = await factory();
      const bytes = await png(codec, noisyImage(120, 90));
      bytes.fill(0x55, bytes.length >> 1, (bytes.length >> 1) + 40);
      await expectRejection(codec.decode(bytes), "CORRUPT_IMAGE");
    });

    duty("limits", "refuses a giant by its header, before and without its pixels", async () => {
      const codec = await factory();
      const whole = withPngSize(await png(codec, gradientImage(8, 8)), 30_000, 30_000);
      for (const bytes of [pngHeaderOnly(30_000, 30_000), whole]) {
        const error = await expectRejection(codec.decode(bytes), "IMAGE_TOO_LARGE");
        expect(error.message).toContain("30000");
        await expectRejection(codec.probe(bytes), "IMAGE_TOO_LARGE");
      }
    });

    for (const format of ["png", "jpeg"] as const) {
      duty("limits", `holds a ${format} to the limits of the call, exactly`, async () => {
        const codec = await factory();
        const bytes = await codec.encode(gradientImage(20, 10, { opaque: true }), { format });
        const accepted = { limits: { maxPixels: 200, maxBytes: bytes.length } };
        expect(await codec.decode(bytes, accepted)).toMatchObject({ width: 20, height: 10 });
        expect(await codec.probe(bytes, accepted)).toMatchObject({ width: 20, height: 10 });
        for (const limits of [{ maxPixels: 199 }, { maxBytes: bytes.length - 1 }]) {
          await expectRejection(codec.decode(bytes, { limits }), "IMAGE_TOO_LARGE");
          await expectRejection(codec.probe(bytes, { limits }), "IMAGE_TOO_LARGE");
        }
      });
    }

    duty("input-checks", "refuses a picture whose buffer does not fit its size", async () => {
      const codec = await factory();
      const wrong: readonly (RgbaImage | GrayImage)[] = [
        { width: 10, height: 10, data: new Uint8Array(399) },
        { width: 0, height: 10, data: new Uint8Array(0) },
        { width: 10.5, height: 10, data: new Uint8Array(420) },
        { width: 10, height: 10, gray: new Uint8Array(99) },
        { width: -1, height: -1, gray: new Uint8Array(1) },
      ];
      for (const image of wrong) {
        const error = await expectRejection(codec.encode(image, { format: "png" }), "INVALID_INPUT");
        expect(error.message).toContain("image");
      }
      for (const quality of [0, 101, Number.NaN]) {
        await expectRejection(
          codec.encode(gradientImage(4, 4), { format: "jpeg", quality }),
          "INVALID_INPUT",
        );
      }
    });

    duty("buffers", "leaves its input alone, and reads a view on part of a larger buffer", async () => {
      const codec = await factory();
      const image = gradientImage(30, 20);
      const before = Uint8Array.from(image.data);
      const bytes = await png(codec, image);
      expect(image.data).toEqual(before);
      const large = new Uint8Array(bytes.length + 100).fill(7);
      large.set(bytes, 50);
      const decoded = await codec.decode(large.subarray(50, 50 + bytes.length));
      expect(meanDifference(decoded.data, image.data)).toBe(0);
      expect(large.subarray(50, 50 + bytes.length)).toEqual(bytes);
      const pixels = new Uint8Array(before.length + 8);
      pixels.set(before, 4);
      const fromView = await png(codec, { ...image, data: pixels.subarray(4, 4 + before.length) });
      expect(meanDifference((await codec.decode(fromView)).data, image.data)).toBe(0);
      const clamped = await png(codec, { ...image, data: new Uint8ClampedArray(before) });
      expect(meanDifference((await codec.decode(clamped)).data, image.data)).toBe(0);
    });

    duty("buffers", "gives exactly the pixels of the picture, in bytes", async () => {
      const codec = await factory();
      const { data } = await codec.decode(await png(codec, gradientImage(30, 20)));
      expect(data.length).toBe(30 * 20 * 4);
      expect(Object.prototype.toString.call(data)).toMatch(/Uint8(Clamped)?Array/);
    });

    duty("overlap", "keeps overlapping calls apart, failing ones too", async () => {
      const codec = await factory();
      const images = Array.from({ length: 8 }, (_, index) => gradientImage(20 + index, 30));
      const files = await Promise.all(images.map((image) => png(codec, image)));
      const results = await Promise.allSettled(
        files.flatMap((file) => [codec.decode(file), codec.decode(file.subarray(0, file.length >> 1))]),
      );
      for (const [index, image] of images.entries()) {
        const [good, bad] = results.slice(index * 2);
        expect(good).toMatchObject({ status: "fulfilled", value: { width: image.width, height: 30 } });
        expect(bad).toMatchObject({ status: "rejected", reason: { code: "CORRUPT_IMAGE" } });
      }
    });

    duty(
      "abort",
      "does not start when the signal has fired already, and says TIMEOUT for a timeout",
      async () => {
        const codec = await factory();
        const bytes = await png(codec, gradientImage(30, 20));
        const signal = AbortSignal.abort();
        await expectRejection(codec.decode(bytes, { signal }), "ABORTED");
        await expectRejection(codec.probe(bytes, { signal }), "ABORTED");
        await expectRejection(codec.encode(gradientImage(4, 4), { format: "png", signal }), "ABORTED");
        const timedOut = AbortSignal.abort(new DOMException("late", "TimeoutError"));
        await expectRejection(codec.decode(bytes, { signal: timedOut }), "TIMEOUT");
      },
    );

    duty("abort", "rejects at once when the signal fires, and works on", async () => {
      const codec = await factory();
      const image = noisyImage(1500, 1000);
      const bytes = await png(codec, image);
      const controller = new AbortController();
      const { signal } = controller;
      const calls = [codec.decode(bytes, { signal }), codec.encode(image, { format: "png", signal })];
      controller.abort();
      for (const call of calls) await expectRejection(call, "ABORTED");
      expect(await codec.decode(bytes)).toMatchObject({ width: 1500, height: 1000 });
    });

    duty("abort", "leaves no listener on the signal", async () => {
      const codec = await factory();
      const { controller, listeners } = countingSignal();
      const { signal } = controller;
      const bytes = await codec.encode(gradientImage(30, 20), { format: "png", signal });
      await Promise.all([codec.probe(bytes, { signal }), codec.decode(bytes, { signal })]);
      await expectRejection(codec.decode(bytes.subarray(0, 60), { signal }), "CORRUPT_IMAGE");
      expect(listeners()).toBe(0);
    });
  });
}

/** Opaque and incompressible, so that cutting a file anywhere cuts into pixels. */
function noisyImage(width: number, height: number): RgbaImage {
  const data = new Uint8Array(width * height * 4);
  let state = 12345;
  for (let index = 0; index < data.length; index += 1) {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    data[index] = index % 4 === 3 ? 255 : state >>> 24;
  }
  return { width, height, data };
}

function toRgba({ gray }: GrayImage): Uint8Array {
  return Uint8Array.from({ length: gray.length * 4 }, (_, index) =>
    index % 4 === 3 ? 255 : (gray[index >> 2] as number),
  );
}
