import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import {
  createNodePlatform,
  createSegmenter,
  gunzipMask,
  labelMapFromImage,
  labelMapFromMasks,
  labelMapImage,
  Mask,
  MaskeryError,
  maskFromEncoded,
  maskFromGeoJson,
  maskFromSvgPath,
  masksFromLabelMap,
  type Segmenter,
  type Session,
} from "@maskery/node";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";

const output = createNodePlatform();
const { codec } = output;
const coffee = fileURLToPath(new URL("../../../examples/photos/coffee.png", import.meta.url));

/** A frame with an island inside its hole, beside a lone pixel and a pixel that touches the frame's corner. */
function withHoles(width: number, height: number): Mask {
  const bitmap = Uint8Array.from({ length: width * height }, (_, pixel) => {
    const [x, y] = [pixel % width, Math.floor(pixel / width)];
    const ring = Math.min(x - 2, y - 2, width - 6 - x, height - 4 - y);
    const lone = (x === width - 1 && y === 0) || (x === width - 5 && y === height - 3);
    return Number(lone || (ring >= 0 && ring < 3) || ring >= 5);
  });
  return Mask.fromBitmap(bitmap, width, height, { output });
}

const masks: Record<string, Mask> = {
  "with holes, wide": withHoles(61, 37),
  "with holes, tall": withHoles(29, 83),
  empty: Mask.empty(19, 7, { output }),
  full: Mask.full(7, 19, { output }),
  "of one background pixel": Mask.empty(1, 1, { output }),
  "of one foreground pixel": Mask.full(1, 1, { output }),
  "of one row": Mask.fromBitmap([1, 0, 1, 1, 0, 0, 1, 1, 1], 9, 1, { output }),
};

let folder = "";
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "maskery-mask-files-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

function expectSamePixels(read: Mask, mask: Mask): void {
  expect([read.width, read.height]).toEqual([mask.width, mask.height]);
  expect(Array.from(read.runs)).toEqual(Array.from(mask.runs));
}

/** Bit depth and colour type of a PNG, from its first chunk. */
const pngForm = (png: Uint8Array) => [png[24], png[25]];

describe.each(Object.entries(masks))("a mask %s", (_name, mask) => {
  it("comes back from gray PNGs of 8 bits and of 1 bit", async () => {
    const eight = await mask.toPng();
    const one = await mask.toPng({ bitDepth: 1 });
    expect(pngForm(eight)).toEqual([8, 0]);
    expect(pngForm(one)[0]).toBe(1);
    expectSamePixels(await maskFromEncoded(eight, codec), mask);
    expectSamePixels(await maskFromEncoded(one, codec), mask);
  });

  it("comes back from the alpha of a WebP", async () => {
    const webp = await mask.toWebp();
    expectSamePixels(await maskFromEncoded(webp, codec, { channel: "alpha" }), mask);
  });

  it("comes back from the wire form", async () => {
    expectSamePixels(await gunzipMask(await mask.toGzip()), mask);
  });

  it("comes back from every file that toFile writes", async () => {
    const { width, height } = mask;
    const paths = ["png", "webp", "svg", "json", "geojson"].map((extension) =>
      join(folder, `mask.${extension}`),
    );
    for (const path of paths) await mask.toFile(path);
    const [png, webp, svg, json, geojson] = await Promise.all(paths.map((path) => readFile(path)));
    expectSamePixels(await maskFromEncoded(png!, codec), mask);
    expectSamePixels(await maskFromEncoded(webp!, codec, { channel: "alpha" }), mask);
    const path = / d="([^"]*)"/.exec(svg!.toString())?.[1];
    expectSamePixels(maskFromSvgPath(path ?? "", width, height), mask);
    expectSamePixels(Mask.fromRle(JSON.parse(json!.toString())), mask);
    expectSamePixels(maskFromGeoJson(JSON.parse(geojson!.toString()), width, height), mask);
  });
});

describe("mask.toFile", () => {
  it("names the extensions it knows, and writes nothing for another", async () => {
    const mask = withHoles(61, 37);
    for (const name of ["mask.bmp", "mask", "mask.constructor"]) {
      const error: unknown = await mask.toFile(join(folder, name)).catch((reason: unknown) => reason);
      expect(MaskeryError.is(error)).toBe(true);
      expect(error).toMatchObject({ code: "UNSUPPORTED_FORMAT", field: "path" });
      expect((error as Error).message).toContain(".png, .webp, .svg, .json, .geojson");
    }
    expect(await readdir(folder)).toEqual([]);
  });

  it("writes one bit a pixel when asked", async () => {
    await withHoles(61, 37).toFile(join(folder, "mask.png"), { bitDepth: 1 });
    expect(pngForm(await readFile(join(folder, "mask.png")))[0]).toBe(1);
  });
});

describe("a label map of", () => {
  it.each([
    [3, 3, 1],
    [300, 20, 15],
  ])("%i masks comes back from a PNG", async (count, columns, rows) => {
    const [width, height, side] = [columns * 6 + 5, rows * 6 + 1, 5];
    const squares = Array.from({ length: count }, (_, index) => {
      const [left, top] = [(index % columns) * 6, Math.floor(index / columns) * 6];
      return Mask.fromBitmap(
        Uint8Array.from({ length: width * height }, (_, pixel) => {
          const [x, y] = [(pixel % width) - left, Math.floor(pixel / width) - top];
          // A square with a hole.
          return Number(x >= 0 && y >= 0 && x < side && y < side && !(x === 2 && y === 2));
        }),
        width,
        height,
      );
    });
    const png = await codec.encode(labelMapImage(labelMapFromMasks(squares)), { format: "png" });
    const read = masksFromLabelMap(labelMapFromImage(await codec.decode(png)));
    expect(read.map(({ label }) => label)).toEqual(squares.map((_, index) => index + 1));
    read.forEach(({ mask }, index) => expectSamePixels(mask, squares[index]!));
  });
});

describe("a broken file", () => {
  it.each([
    ["cut off in its pixels", (png: Uint8Array) => png.slice(0, png.length - 30), "CORRUPT_IMAGE"],
    ["cut off in its header", (png: Uint8Array) => png.slice(0, 20), "CORRUPT_IMAGE"],
    ["with changed pixels", changeIdat, "CORRUPT_IMAGE"],
    ["of no bytes", () => new Uint8Array(), "CORRUPT_IMAGE"],
    ["of another kind", () => new TextEncoder().encode("no picture at all"), "UNSUPPORTED_FORMAT"],
  ])("%s is refused with a typed error", async (_name, damage, code) => {
    const png = await withHoles(200, 150).toPng();
    const error: unknown = await maskFromEncoded(damage(png), codec).catch((reason: unknown) => reason);
    expect(MaskeryError.is(error)).toBe(true);
    expect(error).toMatchObject({ code });
  });

  it("in the wire form is refused too", async () => {
    const bytes = await withHoles(61, 37).toGzip();
    await expect(gunzipMask(bytes.slice(0, -9))).rejects.toMatchObject({ code: "INVALID_INPUT" });
  });
});

describe("a session with masks", () => {
  let segmenter: Segmenter;
  let session: Session;
  const { width, height } = { width: 600, height: 400 };
  const disc = (centreX: number, centreY: number, radius: number) =>
    Mask.fromBitmap(
      Uint8Array.from({ length: width * height }, (_, pixel) =>
        Number(Math.hypot((pixel % width) - centreX, Math.floor(pixel / width) - centreY) <= radius),
      ),
      width,
      height,
    );
  const cup = disc(300, 200, 100);
  const spoon = disc(420, 200, 50);

  beforeAll(async () => {
    segmenter = await createSegmenter();
  });
  beforeEach(async () => {
    session = await segmenter.open(coffee);
    session.masks.add(cup, { id: "cup" });
    session.masks.add(spoon, { id: "spoon" });
  });
  afterEach(() => session.dispose());
  afterAll(() => segmenter.dispose());

  it("paints, and leaves file and pixels as they were", async () => {
    const [file, pixels] = [await readFile(coffee), await session.pixels()];
    const painted = await session.paint([{ mask: cup, color: "teal" }]);
    await painted.toFile(join(folder, "painted.png"));
    const read = await codec.decode(await readFile(join(folder, "painted.png")));
    expect([read.width, read.height]).toEqual([width, height]);
    expect(Array.from(read.data.subarray((200 * width + 300) * 4).subarray(0, 4))).toEqual([
      0, 128, 128, 255,
    ]);
    expect(Array.from(read.data.subarray(0, 4))).toEqual(Array.from(pixels.data.subarray(0, 4)));
    expect(Buffer.from((await session.pixels()).data).equals(pixels.data as Uint8Array)).toBe(true);
    expect(Buffer.compare(await readFile(coffee), file)).toBe(0);
  });

  it("cuts out, cropped with padding or at the picture's size", async () => {
    const whole = await session.cutout("cup");
    expect([whole.width, whole.height]).toEqual([width, height]);
    await (await session.cutout("cup", { crop: true, padding: 10 })).toFile(join(folder, "cup.webp"));
    const read = await codec.decode(await readFile(join(folder, "cup.webp")));
    expect([read.width, read.height]).toEqual([221, 221]);
    expect(read.data[3]).toBe(0);
    expect(read.data[(110 * 221 + 110) * 4 + 3]).toBe(255);
  });

  it("extracts what it keeps, each with its place", async () => {
    const objects = await session.extract();
    expect(objects.map(({ box }) => box)).toEqual([cup.bbox, spoon.bbox]);
    for (const { image, index } of objects) await image.toFile(join(folder, `${index}.png`));
    const read = await codec.decode(await readFile(join(folder, "1.png")));
    expect([read.width, read.height]).toEqual([101, 101]);
    expect(await session.extract(["cup", spoon], { minPixels: spoon.area + 1 })).toHaveLength(1);
  });

  it("combines masks and ids into one that can be written", async () => {
    const both = session.combine(["cup", spoon]);
    expectSamePixels(both, cup.union(spoon));
    expectSamePixels(session.combine(["cup", "spoon"], "subtract"), cup.subtract(spoon));
    await both.toFile(join(folder, "both.png"));
    expectSamePixels(await maskFromEncoded(await readFile(join(folder, "both.png")), codec), both);
  });

  it("refuses unknown ids and settings by name", async () => {
    const unknown = { code: "NOT_FOUND", field: "id" };
    await expect(session.cutout("plate")).rejects.toMatchObject(unknown);
    await expect(session.extract(["cup", "plate"])).rejects.toMatchObject(unknown);
    expect(() => session.combine(["cup", "plate"])).toThrow(expect.objectContaining(unknown));
    await expect(session.paint([{ mask: cup, color: "teal", opacity: 2 }])).rejects.toMatchObject({
      code: "INVALID_INPUT",
      field: "layers[0].opacity",
    });
  });
});

/** Flips one byte in the middle of the compressed pixels. */
function changeIdat(png: Uint8Array): Uint8Array {
  const start = Buffer.from(png).indexOf("IDAT") + 4;
  const length = new DataView(png.buffer, png.byteOffset).getUint32(start - 8);
  const middle = start + Math.floor(length / 2);
  return png.with(middle, png[middle]! ^ 0xff);
}
