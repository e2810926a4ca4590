import { describe, expect, it } from "vitest";
import type { ImageCodec } from "../../backend/image-codec.js";
import type { GrayImage, RgbaImage } from "../../image/rgba-image.js";
import { randomMaskOfSize } from "../../paint/test-support.js";
import { Mask } from "../mask.js";
import { cocoSegmentationFromMask } from "./coco-annotation.js";
import { CocoDataset } from "./coco-dataset.js";
import { maskContentId } from "./content-id.js";
import { labelMapFromImage, labelMapFromMasks, labelMapImage, masksFromLabelMap } from "./label-map.js";
import { maskFromCoco } from "./read-coco-segmentation.js";
import { maskFromGeoJson } from "./read-geojson.js";
import { maskFromEncoded, maskFromImage } from "./read-mask-image.js";
import { gunzipMask, unpackMask } from "./read-packed-mask.js";
import { maskFromSvgPath } from "./read-svg-path.js";
import { type GeoJsonPosition, geoJsonFromMask, geoJsonGeometryFromMask } from "./write-geojson.js";
import { maskToPng, maskToWebp } from "./write-mask-image.js";
import { gzipMask, packMask } from "./write-packed-mask.js";
import { svgFromMask, svgPathFromMask } from "./write-svg-path.js";
import { masksFromYolo, yoloFromMasks } from "./yolo.js";

const rows = (...lines: string[]): Mask =>
  Mask.fromBitmap(
    lines.flatMap((line) => [...line].map((character) => (character === "#" ? 1 : 0))),
    lines[0]!.length,
    lines.length,
  );
const withHole = rows("####.", "#..#.", "####.");
const invalid = (field: string) => expect.objectContaining({ code: "INVALID_INPUT", field });

describe("SVG", () => {
  it("writes whole numbers along pixel edges", () => {
    expect(svgPathFromMask(rows(".....", "..##.", "..##."))).toMatch(/^M\d+ \d+(H\d+|V\d+){3}Z$/);
    expect(svgPathFromMask(Mask.empty(3, 3))).toBe("");
    expect(svgFromMask(withHole, { fill: 'a"b' })).toMatch(
      /^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg" width="5" height="3" viewBox="0 0 5 3"><path fill="a&quot;b" fill-rule="evenodd" d="M.*Z"\/><\/svg>$/,
    );
  });

  it.each([
    "M1 1H4V3H1Z",
    "m1,1h3v2h-3z",
    "M 1 1 L 4 1 4 3 1 3",
    "m1 1l3 0 0 2-3 0z",
    "M1 1 4 1 4 3 1 3Z",
    "M.1e1 1 h1.5.5+1 v2H1",
    "M9 9M1 1H4V3H1Z",
  ])("reads %s", (path) => {
    expect(maskFromSvgPath(path, 6, 4).runs).toEqual(rows("......", ".###..", ".###..", "......").runs);
  });

  it("continues from the closed line's start", () => {
    const mask = maskFromSvgPath("m0 0h2v2h-2zm3 0h1v1h-1z", 4, 2);
    expect(mask.runs).toEqual(rows("##.#", "##..").runs);
    expect(maskFromSvgPath("M0 0H2V2H0Z V1 H1 Z", 3, 2).area).toBe(3);
  });

  it("takes holes out by the even-odd rule whatever their direction", () => {
    expect(maskFromSvgPath("M0 0H4V4H0Z M1 1H3V3H1Z", 4, 4).area).toBe(12);
    expect(maskFromSvgPath("M0 0H4V4H0Z M1 1V3H3V1Z", 4, 4).area).toBe(12);
  });

  it.each(["L1 1", "M1", "M1 1 2", "M1 1 H", "1 2", "M1 1 K 2", "M1 1 # 2", "M1 1 Z 3"])(
    "refuses %j",
    (path) => {
      expect(() => maskFromSvgPath(path, 4, 4)).toThrow(invalid("path"));
    },
  );

  it("says that curves are not read", () => {
    expect(() => maskFromSvgPath("M0 0 C1 1 2 2 3 3", 4, 4)).toThrow(
      expect.objectContaining({ code: "UNSUPPORTED_FORMAT", field: "path" }),
    );
    expect(() => maskFromSvgPath(7 as never, 4, 4)).toThrow(invalid("path"));
  });
});

describe("GeoJSON", () => {
  const area = (ring: readonly GeoJsonPosition[]): number =>
    ring.slice(1).reduce((sum, [x, y], index) => sum + ring[index]![0] * y - x * ring[index]![1], 0) / 2;

  it.each(["down", "up"] as const)("winds rings as RFC 7946 asks, y %s", (yAxis) => {
    const { geometry, properties } = geoJsonFromMask(withHole, { yAxis });
    expect(properties).toBeNull();
    expect(geometry.type).toBe("Polygon");
    const [outer, hole] = geometry.coordinates as readonly (readonly GeoJsonPosition[])[];
    expect(outer![0]).toEqual(outer!.at(-1));
    expect(area(outer!)).toBe(12);
    expect(area(hole!)).toBe(-2);
  });

  it("writes several pieces, none, properties and an id", () => {
    expect(geoJsonGeometryFromMask(rows("#.#")).type).toBe("MultiPolygon");
    expect(geoJsonGeometryFromMask(Mask.empty(2, 2))).toEqual({ type: "MultiPolygon", coordinates: [] });
    expect(geoJsonFromMask(rows("#"), { id: 7, properties: { name: "wall" } })).toMatchObject({
      id: 7,
      properties: { name: "wall" },
    });
  });

  it("reads collections and unites them", () => {
    const left = geoJsonFromMask(rows("##.."));
    const right = geoJsonGeometryFromMask(rows(".###"));
    const collection = {
      type: "FeatureCollection",
      features: [
        left,
        { type: "Feature", properties: {}, geometry: { type: "GeometryCollection", geometries: [right] } },
      ],
    };
    expect(maskFromGeoJson(collection, 4, 1).runs).toEqual(Mask.full(4, 1).runs);
    expect(maskFromGeoJson({ type: "Feature", geometry: null, properties: null }, 4, 1).isEmpty).toBe(true);
  });

  it.each<[unknown, string]>([
    [null, "geojson"],
    [{ type: "Point", coordinates: [0, 0] }, "geojson.type"],
    [{ type: "Polygon", coordinates: 3 }, "geojson.coordinates"],
    [{ type: "Polygon", coordinates: [] }, "geojson.coordinates"],
    [
      {
        type: "Polygon",
        coordinates: [
          [
            [0, 0],
            [1, 0],
            [1, 1],
            [0, 1],
          ],
        ],
      },
      "geojson.coordinates[0]",
    ],
    [
      {
        type: "Polygon",
        coordinates: [
          [
            [0, 0],
            [1, "x"],
            [1, 1],
            [0, 0],
          ],
        ],
      },
      "geojson.coordinates[0][1]",
    ],
    [{ type: "MultiPolygon", coordinates: [[[[0, 0]]]] }, "geojson.coordinates[0][0]"],
    [{ type: "FeatureCollection", features: [{ type: "Feature" }] }, "geojson.features[0].geometry"],
  ])("refuses %j", (geojson, field) => {
    expect(() => maskFromGeoJson(geojson, 4, 4)).toThrow(invalid(field));
  });

  it("does not follow endless nesting", () => {
    let nested: unknown = { type: "Polygon", coordinates: [] };
    for (let depth = 0; depth < 100; depth++) nested = { type: "GeometryCollection", geometries: [nested] };
    expect(() => maskFromGeoJson(nested, 4, 4)).toThrow(/at most 8 collections/);
  });
});

describe("COCO", () => {
  it("writes polygons without holes, run lengths with one", () => {
    expect(cocoSegmentationFromMask(rows("#.#"))).toEqual([expect.any(Array), expect.any(Array)]);
    expect(cocoSegmentationFromMask(withHole)).toEqual(withHole.toCocoRle());
    expect(cocoSegmentationFromMask(Mask.empty(2, 2))).toEqual(Mask.empty(2, 2).toCocoRle());
    expect(cocoSegmentationFromMask(withHole, { form: "uncompressed-rle" })).toEqual(withHole.toRle());
    expect(() => cocoSegmentationFromMask(withHole, { form: "polygon" })).toThrow(
      "a mask that polygons can hold",
    );
    expect(() => cocoSegmentationFromMask(withHole, { form: "bitmap" as never })).toThrow(
      invalid("segmentation.form"),
    );
  });

  it("unites overlapping polygons", () => {
    expect(
      maskFromCoco(
        [
          [0, 0, 3, 0, 3, 1, 0, 1],
          [2, 0, 4, 0, 4, 1, 2, 1],
        ],
        5,
        1,
      ).runs,
    ).toEqual(rows("####.").runs);
  });

  it.each<[unknown, string]>([
    [null, "segmentation"],
    ["abc", "segmentation"],
    [[[0, 0, 1, 1]], "segmentation[0]"],
    [[[0, 0, 1, 1, 2, 2, 3]], "segmentation[0]"],
    [[[0, 0, 1, "1", 2, 2]], "segmentation[0][3]"],
    [{ size: [2, 2], counts: "4" }, "segmentation.size"],
    [{ size: [4, 4], counts: "~~" }, "rle.counts"],
    [{ size: [4, 4], counts: [3] }, "rle.counts"],
    [{ segmentation: 3 }, "segmentation"],
  ])("refuses %j", (segmentation, field) => {
    expect(() => maskFromCoco(segmentation, 4, 4)).toThrow(invalid(field));
  });

  it("collects a data set", () => {
    const dataset = new CocoDataset({ description: "test", year: 2026 }, [{ id: 1, name: "CC0" }]);
    const wall = dataset.addCategory("wall", { supercategory: "building" });
    expect(dataset.addCategory("wall")).toBe(wall);
    const door = dataset.addCategory("door");
    const image = dataset.addImage({ fileName: "a.jpg", width: 5, height: 3, license: 1 });
    const other = dataset.addImage({ fileName: "b.jpg", width: 1, height: 1, id: 2 });
    const third = dataset.addImage({ fileName: "c.jpg", width: 2, height: 2 });
    expect([image, other, third]).toEqual([1, 2, 3]);
    expect(dataset.addMask({ imageId: image, categoryId: wall, mask: withHole, score: 0.5 })).toBe(1);
    expect(
      dataset.addMask({
        imageId: image,
        categoryId: door,
        mask: rows("##...", "##...", "....."),
        crowd: true,
      }),
    ).toBe(2);
    const json = JSON.parse(JSON.stringify(dataset));
    expect(json).toMatchObject({
      info: { description: "test", year: 2026 },
      licenses: [{ id: 1, name: "CC0" }],
      images: [{ id: 1, file_name: "a.jpg", width: 5, height: 3, license: 1 }, { id: 2 }, { id: 3 }],
      categories: [
        { id: 1, name: "wall", supercategory: "building" },
        { id: 2, name: "door", supercategory: "" },
      ],
      annotations: [
        { id: 1, image_id: 1, category_id: 1, area: 10, bbox: [0, 0, 4, 3], iscrowd: 0, score: 0.5 },
        {
          id: 2,
          image_id: 1,
          category_id: 2,
          area: 4,
          iscrowd: 1,
          segmentation: { counts: [0, 2, 1, 2, 10] },
        },
      ],
    });
    expect(maskFromCoco(json.annotations[0], 5, 3).runs).toEqual(withHole.runs);
  });

  it("keeps ids unique and references whole", () => {
    const dataset = new CocoDataset();
    const image = dataset.addImage({ fileName: "a", width: 2, height: 2 });
    const category = dataset.addCategory("a");
    expect(() => dataset.addImage({ fileName: "b", width: 2, height: 2, id: 1 })).toThrow(
      expect.objectContaining({ code: "CONFLICT" }),
    );
    expect(() => dataset.addCategory("b", { id: 1 })).toThrow(expect.objectContaining({ code: "CONFLICT" }));
    const mask = Mask.full(2, 2);
    expect(() => dataset.addMask({ imageId: 9, categoryId: category, mask })).toThrow(
      expect.objectContaining({ code: "NOT_FOUND" }),
    );
    expect(() => dataset.addMask({ imageId: image, categoryId: 9, mask })).toThrow(
      expect.objectContaining({ code: "NOT_FOUND" }),
    );
    expect(() => dataset.addMask({ imageId: image, categoryId: category, mask: Mask.full(3, 2) })).toThrow(
      invalid("mask"),
    );
    expect(() => dataset.addImage({ fileName: "b", width: 0, height: 2 })).toThrow(invalid("width"));
  });
});

describe("YOLO", () => {
  it("writes a class and shares of width and height", () => {
    expect(yoloFromMasks([{ classIndex: 3, mask: rows("....", "##..") }])).toMatch(/^3( (0|0\.5|1)){8}\n$/);
    expect(yoloFromMasks([{ classIndex: 0, mask: Mask.empty(2, 2) }])).toBe("");
  });

  it("reads several objects and skips empty lines", () => {
    const objects = masksFromYolo("0 0 0 1 0 1 0.5 0 0.5\r\n\n12 0 0.5 1 0.5 1 1 0 1\n", 4, 4);
    expect(objects.map(({ classIndex, mask }) => [classIndex, mask.area])).toEqual([
      [0, 8],
      [12, 8],
    ]);
  });

  it.each([
    ["0 0.5 0.5 0.2 0.2", "line 1"],
    ["0 0 0 1 0 1 1\nx 0 0 1 0 1 1", "line 2"],
    ["0 0 0 1 0 1 1.5", "line 1"],
    ["0 0 0 1 0 1 zero", "line 1"],
    ["-1 0 0 1 0 1 1", "line 1"],
  ])("refuses %j", (text, field) => {
    expect(() => masksFromYolo(text, 4, 4)).toThrow(invalid(field));
  });

  it("refuses class numbers that are none", () => {
    expect(() => yoloFromMasks([{ classIndex: -1, mask: Mask.full(1, 1) }])).toThrow(
      invalid("objects[0].classIndex"),
    );
  });
});

describe("label maps", () => {
  it("keeps masks that do not overlap, and lets later ones win", () => {
    const masks = [rows("##..", "...."), rows("...#", "...#"), rows(".#..", ".#..")];
    const map = labelMapFromMasks(masks, [5, 200, 9]);
    const back = masksFromLabelMap(map);
    expect(back.map(({ label }) => label)).toEqual([5, 9, 200]);
    expect(back[0]!.mask.runs).toEqual(rows("#...", "....").runs);
    expect(back[1]!.mask.runs).toEqual(masks[2]!.runs);
    expect(back[2]!.mask.runs).toEqual(masks[1]!.runs);
  });

  it("turns to colour beyond 255 labels, as COCO panoptic does", () => {
    const masks = Array.from({ length: 300 }, (_, index) =>
      Mask.fromBitmap(
        Array.from({ length: 300 }, (_, pixel) => (pixel === index ? 1 : 0)),
        20,
        15,
      ),
    );
    const image = labelMapImage(labelMapFromMasks(masks)) as RgbaImage;
    expect(Array.from(image.data.subarray(299 * 4, 300 * 4))).toEqual([300 - 256, 1, 0, 255]);
    const back = masksFromLabelMap(labelMapFromImage(image, "color"));
    expect(back).toHaveLength(300);
    expect(back.every(({ mask }, index) => mask.iou(masks[index]!) === 1)).toBe(true);
    const [large] = masksFromLabelMap(
      labelMapFromImage(labelMapImage(labelMapFromMasks([masks[0]!], [0xabcdef]))),
    );
    expect(large!.label).toBe(0xabcdef);
  });

  it("reads a gray picture that a codec made RGBA", () => {
    const data = Uint8Array.of(0, 0, 0, 255, 7, 7, 7, 255);
    expect(masksFromLabelMap(labelMapFromImage({ width: 2, height: 1, data }))[0]!.label).toBe(7);
  });

  it("refuses what does not fit", () => {
    expect(() => labelMapFromMasks([])).toThrow(invalid("masks"));
    expect(() => labelMapFromMasks([Mask.full(2, 2), Mask.full(2, 3)])).toThrow(invalid("masks[1]"));
    expect(() => labelMapFromMasks([Mask.full(2, 2)], [0])).toThrow(invalid("labels[0]"));
    expect(() => labelMapFromImage({ width: 2, height: 2, gray: new Uint8Array(3) })).toThrow(
      invalid("image.gray"),
    );
  });
});

describe("pictures", () => {
  const rgba = (...values: number[]): RgbaImage => ({
    width: values.length / 4,
    height: 1,
    data: Uint8Array.from(values),
  });

  it("chooses alpha where there is any, else luma", () => {
    expect(maskFromImage(rgba(0, 0, 0, 255, 255, 255, 255, 0)).runs).toEqual(rows("#.").runs);
    expect(maskFromImage(rgba(0, 0, 0, 255, 255, 255, 255, 255)).runs).toEqual(rows(".#").runs);
    // Luma of pure green 220 is 129, of pure red 220 it is 66.
    expect(maskFromImage(rgba(0, 220, 0, 255, 220, 0, 0, 255)).runs).toEqual(rows("#.").runs);
  });

  it("reads any channel at any threshold", () => {
    const image = rgba(10, 20, 30, 255, 40, 50, 60, 70);
    expect(maskFromImage(image, { channel: "red", threshold: 40 }).runs).toEqual(rows(".#").runs);
    expect(maskFromImage(image, { channel: "green", threshold: 20 }).runs).toEqual(rows("##").runs);
    expect(maskFromImage(image, { channel: "blue", threshold: 61 }).runs).toEqual(rows("..").runs);
    expect(maskFromImage(image, { channel: "alpha", threshold: 71 }).runs).toEqual(rows("#.").runs);
    expect(maskFromImage(image, { channel: "red", threshold: 40, invert: true }).runs).toEqual(
      rows("#.").runs,
    );
    expect(maskFromImage(image, { channel: "red", threshold: 10, invert: true }).runs).toEqual(
      rows("..").runs,
    );
  });

  it("keeps the soft edge where asked", () => {
    const gray = Uint8Array.of(0, 100, 200);
    expect(maskFromImage({ width: 3, height: 1, gray }, { soft: true }).alpha?.gray).toEqual(gray);
    expect(maskFromImage({ width: 3, height: 1, gray }).alpha).toBeUndefined();
  });

  it("refuses broken pictures and options", () => {
    expect(() => maskFromImage(rgba(1, 2, 3, 4), { channel: "hue" as never })).toThrow(invalid("channel"));
    expect(() => maskFromImage(rgba(1, 2, 3, 4), { threshold: 300 })).toThrow(invalid("threshold"));
    expect(() => maskFromImage({ width: 2, height: 2, data: new Uint8Array(3) })).toThrow(
      invalid("image.data"),
    );
    expect(() => maskFromImage({ width: 2, height: 2, gray: new Uint8Array(3) })).toThrow(
      invalid("image.gray"),
    );
  });

  it("encodes through the codec", async () => {
    const calls: { image: RgbaImage | GrayImage; options: unknown }[] = [];
    const codec = {
      encode: async (image: RgbaImage | GrayImage, options: unknown) => {
        calls.push({ image, options });
        return Uint8Array.of(1);
      },
      decode: async () => rgba(0, 0, 0, 255, 255, 255, 255, 255),
    } as unknown as ImageCodec;
    await maskToPng(rows("#."), codec, { bitDepth: 1 });
    await maskToWebp(rows("#."), codec);
    expect(calls).toEqual([
      {
        image: { width: 2, height: 1, gray: Uint8Array.of(255, 0) },
        options: { bitDepth: 1, format: "png" },
      },
      {
        image: { width: 2, height: 1, data: Uint8ClampedArray.of(255, 255, 255, 255, 255, 255, 255, 0) },
        options: { format: "webp", quality: 100 },
      },
    ]);
    expect((await maskFromEncoded(Uint8Array.of(1), codec, { invert: true })).runs).toEqual(rows("#.").runs);
  });
});

describe("packed bits", () => {
  it("writes a header, then bits as numpy's packbits does", () => {
    expect(Array.from(packMask(rows("#.#......#")))).toEqual([
      0x4d, 0x53, 0x4b, 0x42, 1, 0, 0, 0, 0, 0, 0, 10, 0, 0, 0, 1, 0b10100000, 0b01000000,
    ]);
  });

  it("refuses damage", async () => {
    const packed = packMask(withHole);
    expect(() => unpackMask(packed.subarray(0, 10))).toThrow(invalid("bytes"));
    expect(() => unpackMask(packed.subarray(0, -1))).toThrow(invalid("bytes"));
    expect(() => unpackMask(packed.map((byte, index) => (index === 4 ? 2 : byte)))).toThrow(
      invalid("bytes[4]"),
    );
    expect(() => unpackMask(packed.map((byte, index) => (index === 0 ? 0 : byte)))).toThrow(invalid("bytes"));
    expect(() => unpackMask(packed.map((byte, index) => (index === 8 || index === 12 ? 255 : byte)))).toThrow(
      "a mask of 1 to",
    );
    await expect(gunzipMask(Uint8Array.of(1, 2, 3))).rejects.toMatchObject({
      code: "INVALID_INPUT",
      field: "bytes",
    });
    const zipped = await gzipMask(randomMaskOfSize(1, 300, 200));
    await expect(gunzipMask(zipped.subarray(0, zipped.length - 20))).rejects.toMatchObject({
      code: "INVALID_INPUT",
      field: "bytes",
    });
    const flipped = zipped.slice();
    flipped[zipped.length - 6]! ^= 0x55; // inside the checksum
    await expect(gunzipMask(flipped)).rejects.toMatchObject({ code: "INVALID_INPUT", field: "bytes" });
    await expect(gunzipMask("text" as never)).rejects.toMatchObject({ code: "INVALID_INPUT" });
  });

  it("stops unpacking beyond what the header announces", async () => {
    const bomb = new Uint8Array(4_000_000);
    bomb.set(packMask(Mask.full(8, 8)));
    const stream = new Blob([bomb]).stream().pipeThrough(new CompressionStream("gzip"));
    const zipped = new Uint8Array(await new Response(stream).arrayBuffer());
    await expect(gunzipMask(zipped)).rejects.toThrow("at most 24 bytes after unpacking");
  });

  it("stops for a fired signal", async () => {
    await expect(gzipMask(withHole, { signal: AbortSignal.abort() })).rejects.toMatchObject({
      code: "ABORTED",
    });
  });

  it("is small", async () => {
    const zipped = await gzipMask(Mask.full(1920, 1080));
    expect(zipped.length).toBeLessThan(1000);
  });
});

describe("content id", () => {
  const sha256 = async (parts: readonly Uint8Array[]) => {
    const bytes = new Uint8Array(await new Blob(parts.map((part) => new Uint8Array(part))).arrayBuffer());
    return Buffer.from(await crypto.subtle.digest("SHA-256", bytes)).toString("hex");
  };

  it("names pixels and size, nothing else", async () => {
    const id = await maskContentId(withHole, sha256);
    expect(id).toMatch(/^[0-9a-f]{64}$/);
    expect(await maskContentId(withHole.with({ score: 0.3 }), sha256)).toBe(id);
    expect(await maskContentId(Mask.full(2, 3), sha256)).not.toBe(
      await maskContentId(Mask.full(3, 2), sha256),
    );
    // Fixed for ever: recipes in files name masks by it.
    expect(await maskContentId(Mask.full(1, 1), sha256)).toMatchInlineSnapshot(
      `"547135d76a365b68a5e6eb15c3be37900cf73d65aee06a70fbff32bd66c93cde"`,
    );
  });
});
