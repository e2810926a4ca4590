import { expect } from "vitest";
import type { ImageSize } from "../../image/rgba-image.js";
import { Mask } from "../../mask/mask.js";
import { cropBoxes } from "./crop-boxes.js";
import type { FoundMask } from "./found-mask.js";
import { type EverythingOptions, resolveEverythingOptions } from "./options.js";
import { layerGrids } from "./point-grid.js";
import { type ReferenceDecoder, type ReferenceMask, referenceMasks } from "./reference.test-support.js";

/** What the slow implementation makes of the same options. Crop boxes and grids have literal tests of their own. */
export function slowMasks(image: ImageSize, options: EverythingOptions, decode: ReferenceDecoder): Promise<ReferenceMask[]> {
  const resolved = resolveEverythingOptions(options, "sam2");
  const crops = cropBoxes(image, resolved.cropNLayers, resolved.cropOverlapRatio).map(({ x0, y0, x1, y1, layer }) => ({
    box: [x0, y0, x1, y1] as const,
    layer,
  }));
  return referenceMasks(image.width, image.height, crops, { ...resolved, grids: layerGrids(resolved) }, decode);
}

/** One to one, in order. */
export function expectSameMasks(found: readonly FoundMask[], expected: readonly ReferenceMask[], name = ""): void {
  expect(found.length, `${name}: masks`).toBe(expected.length);
  for (const [index, { bitmap, ...wanted }] of expected.entries()) {
    const mask = found[index]!;
    const record = mask.toReferenceRecord();
    const where = `${name}: mask ${index}`;
    expect(mask.mask.iou(Mask.fromBitmap(bitmap, mask.mask.width, mask.mask.height)), where).toBeGreaterThanOrEqual(0.999);
    expect(record.bbox, where).toEqual(wanted.bbox);
    expect(record.crop_box, where).toEqual(wanted.cropBox);
    expect(record.point_coords, where).toEqual([wanted.point]);
    expect(record.area, where).toBe(wanted.area);
    expect(Math.abs(record.predicted_iou - wanted.predictedIou), where).toBeLessThan(1e-5);
    if (Number.isNaN(wanted.stabilityScore)) expect(record.stability_score, where).toBeNaN();
    else expect(Math.abs(record.stability_score - wanted.stabilityScore), where).toBeLessThan(1e-5);
  }
}
