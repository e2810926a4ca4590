import type { ImageSize } from "../../image/rgba-image.js";
import { Mask } from "../../mask/mask.js";
import { cropBoxes } from "./crop-boxes.js";
import type { FoundMask } from "./found-mask.js";
import { type EverythingOptions, resolveEverythingOptions } from "./options.js";
import { layerGrids } from "./point-grid.js";
import { type ReferenceDecoder, type ReferenceMask, referenceMasks } from "./reference.test-support.js";

const LEAST_IOU = 0.999;
const MOST_SCORE_DIFFERENCE = 1e-5;

/** What the slow implementation makes of the same options. Crop boxes and grids have literal tests of their own. */
export function slowMasks(
  image: ImageSize,
  options: EverythingOptions,
  decode: ReferenceDecoder,
): Promise<ReferenceMask[]> {
  const resolved = resolveEverythingOptions(options, "sam2");
  const crops = cropBoxes(image, resolved.cropNLayers, resolved.cropOverlapRatio).map(
    ({ x0, y0, x1, y1, layer }) => ({ box: [x0, y0, x1, y1] as const, layer }),
  );
  const grids = layerGrids(resolved);
  return referenceMasks(image.width, image.height, crops, { ...resolved, grids }, decode);
}

/** Where two lists of masks differ when they are held against each other one to one, in order. Nothing when they agree. */
export function maskDifferences(found: readonly FoundMask[], expected: readonly ReferenceMask[]): string[] {
  if (found.length !== expected.length) return [`${found.length} masks instead of ${expected.length}`];
  return expected.flatMap((wanted, index) => {
    const { mask, ...rest } = found[index]!;
    const record = found[index]!.toReferenceRecord();
    const differences: string[] = [];
    const compare = (name: string, value: unknown, wantedValue: unknown) => {
      const [one, other] = [JSON.stringify(value), JSON.stringify(wantedValue)];
      if (one !== other) differences.push(`mask ${index}: ${name} ${one} instead of ${other}`);
    };
    const near = (value: number, other: number) =>
      Math.abs(value - other) < MOST_SCORE_DIFFERENCE || (Number.isNaN(value) && Number.isNaN(other));
    const iou = mask.iou(Mask.fromBitmap(wanted.bitmap, mask.width, mask.height));
    if (!(iou >= LEAST_IOU)) differences.push(`mask ${index}: IoU ${iou}`);
    compare("area", record.area, wanted.area);
    compare("bbox", record.bbox, wanted.bbox);
    compare("crop box", record.crop_box, wanted.cropBox);
    compare("point", record.point_coords, [wanted.point]);
    compare("predicted IoU", near(rest.predictedIou, wanted.predictedIou), true);
    compare("stability score", near(rest.stabilityScore, wanted.stabilityScore), true);
    return differences;
  });
}
