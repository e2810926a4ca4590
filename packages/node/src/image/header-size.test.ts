import { type ImageFormat, MaskeryError } from "@maskery/core";
import sharp, { type Sharp } from "sharp";
import { describe, expect, test } from "vitest";
import { headerSize } from "./header-size.js";
import { createSharpCodec } from "./sharp-codec.js";

const width = 300;
const height = 200;
const picture = (channels: 3 | 4 = 3): Sharp =>
  sharp({
    create: {
      width,
      height,
      channels,
      background: { r: 200, g: 100, b: 50, alpha: 0.5 },
      noise: { type: "gaussian", mean: 128, sigma: 40 },
    },
  });

const files: readonly (readonly [what: string, format: ImageFormat, write: () => Promise<Buffer>])[] = [
  ["png", "png", () => picture().png().toBuffer()],
  ["baseline jpeg", "jpeg", () => picture().jpeg().toBuffer()],
  ["progressive jpeg", "jpeg", () => picture().jpeg({ progressive: true }).toBuffer()],
  [
    "jpeg with EXIF and a profile before its frame",
    "jpeg",
    () =>
      picture()
        .withExif({ IFD0: { Copyright: "x".repeat(2000) } })
        .withIccProfile("p3")
        .jpeg()
        .toBuffer(),
  ],
  ["lossy webp", "webp", () => picture().webp().toBuffer()],
  ["lossless webp", "webp", () => picture().webp({ lossless: true }).toBuffer()],
  ["extended webp", "webp", () => picture().withIccProfile("p3").webp().toBuffer()],
  ["gif", "gif", () => picture().gif().toBuffer()],
  ["tiff", "tiff", () => picture().tiff().toBuffer()],
  ["big tiff", "tiff", () => picture().tiff({ bigtiff: true }).toBuffer()],
  ["avif", "avif", () => picture().avif({ effort: 0 }).toBuffer()],
];

describe("sizes read from headers", () => {
  test.each(files)("%s", async (_what, format, write) => {
    const bytes = await write();
    expect(headerSize(bytes, format)).toEqual({ width, height });
    const large = Buffer.concat([Buffer.alloc(7, 1), bytes]);
    expect(headerSize(large.subarray(7), format), "in a view on part of a buffer").toEqual({ width, height });
  });

  test.each(files)(
    "%s: never throws, wherever the file ends or whatever is in it",
    async (_what, format, write) => {
      const bytes = await write();
      for (let end = 0; end < Math.min(bytes.length, 4000); end += 1) {
        const size = headerSize(bytes.subarray(0, end), format);
        if (size) expect(size).toEqual({ width, height });
      }
      let state = 1;
      for (let round = 0; round < 300; round += 1) {
        const changed = Buffer.from(bytes);
        for (let change = 0; change < 4; change += 1) {
          state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
          changed[(state >>> 8) % Math.min(changed.length, 600)] = state >>> 24;
        }
        headerSize(changed, format);
      }
    },
  );

  test("of formats without a reader: none", () => {
    expect(headerSize(new Uint8Array(200), "bmp")).toBeUndefined();
  });
});

describe("a giant is refused by its header, whatever the format", () => {
  const codec = createSharpCodec();
  const patches: readonly (readonly [
    format: ImageFormat,
    write: () => Promise<Buffer>,
    patch: (bytes: Buffer) => void,
  ])[] = [
    [
      "jpeg",
      () => picture().jpeg().toBuffer(),
      (bytes) => {
        const frame = bytes.indexOf(Buffer.of(0xff, 0xc0));
        bytes.writeUInt16BE(60_000, frame + 5);
        bytes.writeUInt16BE(60_000, frame + 7);
      },
    ],
    [
      "gif",
      () => picture().gif().toBuffer(),
      (bytes) => {
        bytes.writeUInt16LE(60_000, 6);
        bytes.writeUInt16LE(60_000, 8);
      },
    ],
    [
      "webp",
      () => picture().webp({ lossless: true }).toBuffer(),
      (bytes) => bytes.writeUInt32LE(0x0fffffff, 21),
    ],
    [
      "avif",
      () => picture().avif({ effort: 0 }).toBuffer(),
      (bytes) => {
        const property = bytes.indexOf("ispe");
        bytes.writeUInt32BE(60_000, property + 8);
        bytes.writeUInt32BE(60_000, property + 12);
      },
    ],
  ];
  test.each(patches)("%s", async (_format, write, patch) => {
    const bytes = await write();
    patch(bytes);
    for (const call of [codec.decode(bytes), codec.probe(bytes)]) {
      const error = await call.then(
        () => undefined,
        (reason: unknown) => reason,
      );
      expect(MaskeryError.is(error) && error.code).toBe("IMAGE_TOO_LARGE");
    }
  });
});
