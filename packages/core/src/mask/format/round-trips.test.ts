import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { randomMask, randomMaskOfSize } from "../../paint/test-support.js";
import { Mask } from "../mask.js";
import { cocoAnnotationFromMask, cocoSegmentationFromMask } from "./coco-annotation.js";
import { labelMapFromImage, labelMapFromMasks, labelMapImage, masksFromLabelMap } from "./label-map.js";
import { maskFromCoco } from "./read-coco-segmentation.js";
import { maskFromGeoJson } from "./read-geojson.js";
import { maskFromImage } from "./read-mask-image.js";
import { gunzipMask, unpackMask } from "./read-packed-mask.js";
import { maskFromSvgPath } from "./read-svg-path.js";
import { geoJsonFromMask, geoJsonGeometryFromMask } from "./write-geojson.js";
import { gzipMask, packMask } from "./write-packed-mask.js";
import { svgPathFromMask } from "./write-svg-path.js";
import { masksFromYolo, yoloFromMasks } from "./yolo.js";

const throughJson = <Value>(value: Value): Value => JSON.parse(JSON.stringify(value)) as Value;

/** Every format that can hold any mask without loss: out and back through plain text or bytes. */
const formats: Readonly<Record<string, (mask: Mask) => Mask | Promise<Mask>>> = {
  "COCO run lengths": (mask) => Mask.fromRle(throughJson(mask.toCocoRle())),
  "COCO uncompressed run lengths": (mask) => Mask.fromRle(throughJson(mask.toRle())),
  "COCO segmentation": (mask) =>
    maskFromCoco(throughJson(cocoSegmentationFromMask(mask)), mask.width, mask.height),
  "COCO annotation": (mask) =>
    maskFromCoco(
      throughJson(cocoAnnotationFromMask(mask, { id: 1, imageId: 2, categoryId: 3, crowd: true })),
      mask.width,
      mask.height,
    ),
  "SVG path": (mask) => maskFromSvgPath(svgPathFromMask(mask), mask.width, mask.height),
  "GeoJSON geometry": (mask) =>
    maskFromGeoJson(throughJson(geoJsonGeometryFromMask(mask)), mask.width, mask.height),
  "GeoJSON feature, y upwards": (mask) =>
    maskFromGeoJson(throughJson(geoJsonFromMask(mask, { yAxis: "up" })), mask.width, mask.height, {
      yAxis: "up",
    }),
  YOLO: (mask) =>
    masksFromYolo(yoloFromMasks([{ classIndex: 7, mask }]), mask.width, mask.height)[0]?.mask ??
    Mask.empty(mask.width, mask.height),
  "gray picture": (mask) => maskFromImage(mask.toGrayImage()),
  "label map": (mask) =>
    masksFromLabelMap(labelMapFromImage(labelMapImage(labelMapFromMasks([mask]))))[0]?.mask ??
    Mask.empty(mask.width, mask.height),
  "packed bits": (mask) => unpackMask(packMask(mask)),
  gzip: async (mask) => gunzipMask(await gzipMask(mask)),
};

const ring = (side: number): Mask =>
  Mask.fromBitmap(
    Array.from({ length: side * side }, (_, index) => {
      const edge = Math.min(
        index % side,
        Math.floor(index / side),
        side - 1 - (index % side),
        side - 1 - Math.floor(index / side),
      );
      return edge === 0 || edge === 2 ? 1 : 0;
    }),
    side,
    side,
  );

const special: Readonly<Record<string, Mask>> = {
  "1 × 1 empty": Mask.empty(1, 1),
  "1 × 1 full": Mask.full(1, 1),
  empty: Mask.empty(5, 9),
  full: Mask.full(9, 5),
  "rings within rings": ring(9),
  diagonal: Mask.fromBitmap([1, 0, 0, 0, 1, 0, 0, 0, 1], 3, 3),
  "diagonal hole": Mask.fromBitmap([1, 1, 1, 1, 1, 0, 1, 1, 1, 1, 0, 1, 1, 1, 1, 1], 4, 4),
  "hole touching the outside in a corner": Mask.fromBitmap([1, 1, 1, 1, 0, 1, 1, 1, 0], 3, 3),
  "one row": Mask.fromBitmap([1, 0, 1, 1, 0], 5, 1),
  "one column": Mask.fromBitmap([0, 1, 1, 0, 1], 1, 5),
};

describe.each(Object.entries(formats))("%s", (_name, roundTrip) => {
  it.each(Object.entries(special))("keeps: %s", async (_case, mask) => {
    const back = await roundTrip(mask);
    expect([back.width, back.height]).toEqual([mask.width, mask.height]);
    expect(back.runs).toEqual(mask.runs);
  });

  it("keeps any mask", async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: 1e6 }), async (seed) => {
        const mask = randomMask(seed, 40);
        expect((await roundTrip(mask)).runs).toEqual(mask.runs);
      }),
      { numRuns: 150 },
    );
  });

  it("keeps a large mask with many holes", async () => {
    // Large blobs: noise of single pixels would make hundreds of thousands of rings.
    const cells = randomMaskOfSize(4, 60, 41).toBitmap();
    const [width, height, cell] = [1500, 1025, 25];
    const bitmap = new Uint8Array(width * height);
    for (let y = 0; y < height; y++)
      for (let x = 0; x < width; x++)
        bitmap[y * width + x] = cells[Math.floor(y / cell) * 60 + Math.floor(x / cell)]!;
    const mask = Mask.fromBitmap(bitmap, width, height);
    expect((await roundTrip(mask)).runs).toEqual(mask.runs);
  });
});

describe("COCO strings", () => {
  const of = (width: number, height: number, inside: (x: number, y: number) => boolean): Mask =>
    Mask.fromBitmap(
      Array.from({ length: width * height }, (_, index) =>
        inside(index % width, Math.floor(index / width)) ? 1 : 0,
      ),
      width,
      height,
    );

  // Written by pycocotools 2.0.11.
  it.each<[string, Mask, string]>([
    ["3×4 zeros", Mask.empty(4, 3), "<"],
    ["3×4 ones", Mask.full(4, 3), "0<"],
    ["1×1 one", Mask.full(1, 1), "01"],
    ["4×5 block", of(5, 4, (x, y) => y >= 1 && y <= 2 && x >= 1 && x <= 3), "5220003"],
    ["5×5 identity", of(5, 5, (x, y) => x === y), "0150000000"],
  ])("%s", (_name, mask, counts) => {
    expect(cocoSegmentationFromMask(mask, { form: "rle" })).toEqual({
      size: [mask.height, mask.width],
      counts,
    });
  });

  it("480×640 rectangle", () => {
    const mask = of(640, 480, (x, y) => y >= 100 && y <= 299 && x >= 200 && x <= 499);
    const { counts } = mask.toCocoRle();
    expect(counts.startsWith("Tkm2X6h8")).toBe(true);
    expect(counts).toHaveLength(609);
    const annotation = cocoAnnotationFromMask(mask, { id: 1, imageId: 1, categoryId: 1 });
    expect(annotation).toMatchObject({
      area: 60000,
      bbox: [200, 100, 300, 200],
      iscrowd: 0,
      segmentation: [expect.any(Array)],
    });
  });
});
