import { invalidInput } from "../../errors.js";
import { checkRgbaImage, type GrayImage, isRgbaImage, type RgbaImage } from "../../image/rgba-image.js";
import { Mask } from "../mask.js";
import { rowChangesFromRuns } from "../row-changes.js";
import { RunBuilder } from "../run-builder.js";

/** Which object each pixel belongs to, row-major `[height, width]`; 0 is background. */
export interface LabelMap {
  readonly width: number;
  readonly height: number;
  readonly labels: Uint32Array;
}

/** One object of a label map. */
export interface LabelledMask {
  readonly label: number;
  readonly mask: Mask;
}

/** Largest label of a gray picture, and of a colour picture. */
const MAX_GRAY_LABEL = 255;
const MAX_COLOR_LABEL = 0xffffff;

/**
 * Writes masks into one map: the first gets label 1, or its entry in `labels`. Where masks overlap the later one wins, so
 * only masks without overlap come back whole.
 * @throws MaskeryError `INVALID_INPUT` for no masks, different sizes, or a label outside 1..16 777 215.
 */
export function labelMapFromMasks(masks: readonly Mask[], labels?: readonly number[]): LabelMap {
  const first = masks[0];
  if (!first) throw invalidInput("masks", "at least one mask", masks);
  const { width, height } = first;
  const map = new Uint32Array(width * height);
  masks.forEach((mask, index) => {
    if (mask.width !== width || mask.height !== height) {
      throw invalidInput(
        `masks[${index}]`,
        `a mask of ${width} × ${height}`,
        `${mask.width} × ${mask.height}`,
      );
    }
    const label = labels ? labels[index] : index + 1;
    if (label === undefined || !Number.isSafeInteger(label) || label < 1 || label > MAX_COLOR_LABEL) {
      throw invalidInput(`labels[${index}]`, `a whole number from 1 to ${MAX_COLOR_LABEL}`, label);
    }
    const { rowStart, columns } = rowChangesFromRuns(mask.runs, width, height);
    for (let y = 0; y < height; y++) {
      for (let change = rowStart[y]!; change < rowStart[y + 1]!; change += 2) {
        const end = change + 1 < rowStart[y + 1]! ? columns[change + 1]! : width;
        map.fill(label, y * width + columns[change]!, y * width + end);
      }
    }
  });
  return { width, height, labels: map };
}

/**
 * The map as a picture for a lossless format (PNG): gray with the label as its value where no label exceeds 255; beyond,
 * colour in the way of COCO's panoptic files, `label = red + 256 × green + 65 536 × blue`.
 */
export function labelMapImage(map: LabelMap): GrayImage | RgbaImage {
  const { width, height, labels } = map;
  if (labels.every((label) => label <= MAX_GRAY_LABEL))
    return { width, height, gray: Uint8Array.from(labels) };
  const data = new Uint8ClampedArray(labels.length * 4);
  labels.forEach((label, pixel) => {
    data[pixel * 4] = label & 255;
    data[pixel * 4 + 1] = (label >> 8) & 255;
    data[pixel * 4 + 2] = label >> 16;
    data[pixel * 4 + 3] = 255;
  });
  return { width, height, data };
}

/**
 * Reads what `labelMapImage` wrote. A codec that decodes gray files as RGBA needs no help: a picture whose channels are all
 * equal is read as gray, unless `form` says otherwise.
 * @throws MaskeryError `INVALID_INPUT` for a buffer that does not fit the size.
 */
export function labelMapFromImage(
  image: GrayImage | RgbaImage,
  form: "auto" | "gray" | "color" = "auto",
): LabelMap {
  if (!isRgbaImage(image)) {
    const { width, height, gray } = image;
    if (gray?.length !== width * height)
      throw invalidInput("image.gray", `${width * height} bytes (${width} × ${height})`, gray?.length);
    return { width, height, labels: Uint32Array.from(gray) };
  }
  const { width, height, data } = checkRgbaImage(image);
  const isGray = form === "gray" || (form === "auto" && hasEqualChannels(data));
  const labels = new Uint32Array(width * height);
  for (let pixel = 0, offset = 0; pixel < labels.length; pixel++, offset += 4) {
    labels[pixel] = isGray
      ? data[offset]!
      : data[offset]! + (data[offset + 1]! << 8) + (data[offset + 2]! << 16);
  }
  return { width, height, labels };
}

/** One mask for each label but 0, by rising label. */
export function masksFromLabelMap(map: LabelMap): LabelledMask[] {
  const { width, height, labels } = map;
  if (labels.length !== width * height)
    throw invalidInput("labels", `${width * height} values (${width} × ${height})`, labels.length);
  const builders = new Map<number, RunBuilder>();
  let current = 0;
  for (let x = 0; x < width; x++) {
    for (let y = 0, source = x; y < height; y++, source += width) {
      const label = labels[source]!;
      if (label === current) continue;
      const index = x * height + y;
      if (current !== 0) builders.get(current)!.toggle(index);
      if (label !== 0) {
        const builder = builders.get(label) ?? new RunBuilder();
        builders.set(label, builder);
        builder.toggle(index);
      }
      current = label;
    }
  }
  return [...builders]
    .sort(([first], [second]) => first - second)
    .map(([label, builder]) => ({ label, mask: new Mask(width, height, builder.finish(width * height)) }));
}

function hasEqualChannels(data: Uint8Array | Uint8ClampedArray): boolean {
  for (let offset = 0; offset < data.length; offset += 4) {
    if (data[offset] !== data[offset + 1] || data[offset] !== data[offset + 2]) return false;
  }
  return true;
}
