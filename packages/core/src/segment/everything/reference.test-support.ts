import type { LogitsPlane } from "../../mask/logits-plane.js";

/**
 * The automatic mask generator once more, as slowly and plainly as it can be written: straight from the formulas, on
 * full-size bitmaps, sharing no code with the real one. For tests only.
 */

export interface ReferenceOptions {
  readonly preset: "sam" | "sam2";
  readonly grids: readonly (readonly (readonly [number, number])[])[];
  readonly pointsPerBatch: number;
  readonly predIouThresh: number;
  readonly stabilityScoreThresh: number;
  readonly stabilityScoreOffset: number;
  readonly maskThreshold: number;
  readonly boxNmsThresh: number;
  readonly cropNmsThresh: number;
  readonly minMaskRegionArea: number;
  readonly useM2m: boolean;
  readonly multimaskOutput: boolean;
}

/** `[x0, y0, x1, y1]` and the layer of each crop. */
export interface ReferenceCrop {
  readonly box: readonly [number, number, number, number];
  readonly layer: number;
}

export interface ReferenceMask {
  /** Row-major `[height, width]` of the picture. */
  readonly bitmap: Uint8Array;
  readonly area: number;
  readonly bbox: readonly number[];
  readonly predictedIou: number;
  readonly stabilityScore: number;
  readonly point: readonly [number, number];
  readonly cropBox: readonly number[];
}

export interface DecodedPoint {
  readonly planes: readonly LogitsPlane[];
  readonly scores: readonly number[];
}

/** Answers points (crop pixels) of one crop; with `planes`, one earlier plane for each point. */
export type ReferenceDecoder = (
  crop: number,
  points: readonly (readonly [number, number])[],
  planes?: readonly LogitsPlane[],
) => Promise<readonly DecodedPoint[]> | readonly DecodedPoint[];

interface Entry {
  bitmap: Uint8Array; // crop, later picture
  box: number[];
  iou: number;
  stability: number;
  point: [number, number];
  cropBox: readonly number[];
}

export async function referenceMasks(
  width: number,
  height: number,
  crops: readonly ReferenceCrop[],
  options: ReferenceOptions,
  decode: ReferenceDecoder,
): Promise<ReferenceMask[]> {
  let all: Entry[] = [];
  for (const [index, { box, layer }] of crops.entries()) {
    all.push(...(await processCrop(width, height, index, box, options.grids[layer]!, options, decode)));
  }
  if (crops.length > 1) {
    const scores = all.map(({ cropBox: [x0, y0, x1, y1] }) => 1 / ((x1! - x0!) * (y1! - y0!)));
    all = nms(
      all.map((entry) => entry.box),
      scores,
      options.cropNmsThresh,
    ).map((index) => all[index]!);
  }
  if (options.preset === "sam" && options.minMaskRegionArea > 0)
    all = postprocess(all, width, height, options);
  return all.map(({ bitmap, box, iou, stability, point, cropBox }) => ({
    bitmap,
    area: bitmap.reduce((sum, value) => sum + value, 0),
    bbox: [box[0]!, box[1]!, box[2]! - box[0]!, box[3]! - box[1]!],
    predictedIou: iou,
    stabilityScore: stability,
    point,
    cropBox: [cropBox[0]!, cropBox[1]!, cropBox[2]! - cropBox[0]!, cropBox[3]! - cropBox[1]!],
  }));
}

async function processCrop(
  width: number,
  height: number,
  crop: number,
  cropBox: readonly [number, number, number, number],
  grid: readonly (readonly [number, number])[],
  options: ReferenceOptions,
  decode: ReferenceDecoder,
): Promise<Entry[]> {
  const [x0, y0, x1, y1] = cropBox;
  const cropWidth = x1 - x0;
  const cropHeight = y1 - y0;
  const points = grid.map(([x, y]) => [x * cropWidth, y * cropHeight] as const);
  let entries: Entry[] = [];
  for (let start = 0; start < points.length; start += options.pointsPerBatch) {
    const batch = points.slice(start, start + options.pointsPerBatch);
    const answers = (await decode(crop, batch)).map((answer) =>
      options.multimaskOutput ? answer : best(answer),
    );
    let planes = answers.flatMap((answer) => [...answer.planes]);
    let ious = answers.flatMap((answer) => [...answer.scores]);
    const planePoints = answers.flatMap((answer, point) => answer.planes.map(() => batch[point]!));
    if (options.useM2m) {
      const newPlanes: LogitsPlane[] = [];
      const newIous: number[] = [];
      for (let first = 0; first < planes.length; first += options.pointsPerBatch) {
        const end = first + options.pointsPerBatch;
        for (const answer of await decode(crop, planePoints.slice(first, end), planes.slice(first, end))) {
          newPlanes.push(best(answer).planes[0]!);
          newIous.push(best(answer).scores[0]!);
        }
      }
      planes = newPlanes;
      ious = newIous;
    }
    for (const [index, raw] of planes.entries()) {
      const iou = ious[index]!;
      if (options.predIouThresh > 0 && !(iou > Math.fround(options.predIouThresh))) continue;
      const plane =
        options.preset === "sam2" && options.minMaskRegionArea > 0
          ? fillLowResolution(raw, cropWidth, cropHeight, options.minMaskRegionArea)
          : raw;
      const logits = upsample(plane, cropWidth, cropHeight);
      const above = (level: number) =>
        logits.reduce((sum, value) => sum + (value > Math.fround(level) ? 1 : 0), 0);
      const { maskThreshold: threshold, stabilityScoreOffset: offset } = options;
      const stability = above(threshold + offset) / above(threshold - offset);
      if (
        options.stabilityScoreThresh > 0 &&
        !(Math.fround(stability) >= Math.fround(options.stabilityScoreThresh))
      )
        continue;
      const bitmap = Uint8Array.from(logits, (value) => (value > Math.fround(threshold) ? 1 : 0));
      const box = maskBox(bitmap, cropWidth, cropHeight);
      if (nearEdge(box, cropBox, [0, 0, width, height])) continue;
      const point = planePoints[index]!;
      entries.push({
        bitmap: uncrop(bitmap, cropBox, width, height),
        box,
        iou,
        stability,
        point: [point[0] + x0, point[1] + y0],
        cropBox,
      });
    }
  }
  const kept = nms(
    entries.map((entry) => entry.box),
    entries.map((entry) => entry.iou),
    options.boxNmsThresh,
  );
  entries = kept.map((index) => entries[index]!);
  for (const entry of entries)
    entry.box = [entry.box[0]! + x0, entry.box[1]! + y0, entry.box[2]! + x0, entry.box[3]! + y0];
  return entries;
}

function best({ planes, scores }: DecodedPoint): DecodedPoint {
  const index = scores.indexOf(Math.max(...scores));
  return { planes: [planes[index]!], scores: [scores[index]!] };
}

/** Bilinear, half-pixel centres, every pixel on its own. */
function upsample(
  { data, width, height, scaleX, scaleY }: LogitsPlane,
  outWidth: number,
  outHeight: number,
): Float64Array {
  const out = new Float64Array(outWidth * outHeight);
  for (let y = 0; y < outHeight; y++) {
    const py = Math.min(height - 1, Math.max(0, (y + 0.5) * scaleY - 0.5));
    const top = Math.floor(py);
    const bottom = Math.min(height - 1, top + 1);
    for (let x = 0; x < outWidth; x++) {
      const px = Math.min(width - 1, Math.max(0, (x + 0.5) * scaleX - 0.5));
      const left = Math.floor(px);
      const right = Math.min(width - 1, left + 1);
      const fx = px - left;
      const upper = data[top * width + left]! + (data[top * width + right]! - data[top * width + left]!) * fx;
      const lower =
        data[bottom * width + left]! + (data[bottom * width + right]! - data[bottom * width + left]!) * fx;
      out[y * outWidth + x] = upper + (lower - upper) * (py - top);
    }
  }
  return out;
}

function maskBox(bitmap: Uint8Array, width: number, height: number): number[] {
  const box = [width, height, -1, -1];
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      if (!bitmap[y * width + x]) continue;
      box[0] = Math.min(box[0]!, x);
      box[1] = Math.min(box[1]!, y);
      box[2] = Math.max(box[2]!, x);
      box[3] = Math.max(box[3]!, y);
    }
  }
  return box[2]! < 0 ? [0, 0, 0, 0] : box;
}

function nearEdge(box: readonly number[], crop: readonly number[], picture: readonly number[]): boolean {
  const shifted = [box[0]! + crop[0]!, box[1]! + crop[1]!, box[2]! + crop[0]!, box[3]! + crop[1]!];
  return shifted.some(
    (side, index) => Math.abs(side - crop[index]!) <= 20 && !(Math.abs(side - picture[index]!) <= 20),
  );
}

function uncrop(
  bitmap: Uint8Array,
  [x0, y0, x1]: readonly number[],
  width: number,
  height: number,
): Uint8Array {
  const out = new Uint8Array(width * height);
  const cropWidth = x1! - x0!;
  bitmap.forEach((value, index) => {
    out[(y0! + Math.floor(index / cropWidth)) * width + x0! + (index % cropWidth)] = value;
  });
  return out;
}

/** The kernel as written: a matrix of all pairs, suppressed from the best down. */
function nms(boxes: readonly (readonly number[])[], scores: readonly number[], threshold: number): number[] {
  const order = scores.map((_, index) => index).sort((a, b) => scores[b]! - scores[a]! || a - b);
  const areas = boxes.map(([x0, y0, x1, y1]) => (x1! - x0!) * (y1! - y0!));
  const dead = new Set<number>();
  const kept: number[] = [];
  order.forEach((i, place) => {
    if (dead.has(i)) return;
    kept.push(i);
    for (const j of order.slice(place + 1)) {
      const w = Math.max(0, Math.min(boxes[i]![2]!, boxes[j]![2]!) - Math.max(boxes[i]![0]!, boxes[j]![0]!));
      const h = Math.max(0, Math.min(boxes[i]![3]!, boxes[j]![3]!) - Math.max(boxes[i]![1]!, boxes[j]![1]!));
      if (Math.fround((w * h) / (areas[i]! + areas[j]! - w * h)) > threshold) dead.add(j);
    }
  });
  return kept;
}

/** Sets of 8-connected pixels with the wanted value, in the order in which a row-by-row walk meets them. */
function components(bitmap: ArrayLike<number>, width: number, height: number, value: number): number[][] {
  const seen = new Uint8Array(width * height);
  const found: number[][] = [];
  for (let start = 0; start < width * height; start++) {
    if (seen[start] || bitmap[start] !== value) continue;
    const members = [start];
    seen[start] = 1;
    for (let next = 0; next < members.length; next++) {
      const x = members[next]! % width;
      const y = Math.floor(members[next]! / width);
      for (let dy = -1; dy <= 1; dy++) {
        for (let dx = -1; dx <= 1; dx++) {
          const [nx, ny] = [x + dx, y + dy];
          if (nx < 0 || ny < 0 || nx >= width || ny >= height) continue;
          const neighbour = ny * width + nx;
          if (seen[neighbour] || bitmap[neighbour] !== value) continue;
          seen[neighbour] = 1;
          members.push(neighbour);
        }
      }
    }
    found.push(members);
  }
  return found;
}

function fillLowResolution(
  plane: LogitsPlane,
  cropWidth: number,
  cropHeight: number,
  limit: number,
): LogitsPlane {
  const width = Math.min(plane.width, Math.ceil(cropWidth * plane.scaleX - 1e-6));
  const height = Math.min(plane.height, Math.ceil(cropHeight * plane.scaleY - 1e-6));
  const sign = new Uint8Array(width * height);
  sign.forEach((_, index) => {
    sign[index] = plane.data[Math.floor(index / width) * plane.width + (index % width)]! > 0 ? 1 : 0;
  });
  const data = plane.data.slice();
  for (const value of [0, 1]) {
    for (const members of components(sign, width, height, value)) {
      if (members.length > limit) continue;
      for (const index of members)
        data[Math.floor(index / width) * plane.width + (index % width)] = value ? -10 : 10;
    }
  }
  return { ...plane, data };
}

export function removeSmall(
  bitmap: Uint8Array,
  width: number,
  height: number,
  limit: number,
  mode: "holes" | "islands",
): { bitmap: Uint8Array; changed: boolean } {
  const value = mode === "holes" ? 0 : 1;
  const regions = components(bitmap, width, height, value);
  const small = regions.filter((members) => members.length < limit);
  if (small.length === 0) return { bitmap, changed: false };
  const out = bitmap.slice();
  let victims = small;
  if (mode === "islands" && small.length === regions.length) {
    const largest = regions.reduce((a, b) => (b.length > a.length ? b : a));
    victims = small.filter((members) => members !== largest);
  }
  for (const members of victims) for (const index of members) out[index] = 1 - value;
  return { bitmap: out, changed: true };
}

function postprocess(
  entries: readonly Entry[],
  width: number,
  height: number,
  options: ReferenceOptions,
): Entry[] {
  const changed: boolean[] = [];
  const cleaned = entries.map((entry) => {
    const holes = removeSmall(entry.bitmap, width, height, options.minMaskRegionArea, "holes");
    const islands = removeSmall(holes.bitmap, width, height, options.minMaskRegionArea, "islands");
    changed.push(holes.changed || islands.changed);
    return islands.bitmap;
  });
  const boxes = cleaned.map((bitmap) => maskBox(bitmap, width, height));
  const kept = nms(
    boxes,
    changed.map((value) => (value ? 0 : 1)),
    Math.max(options.boxNmsThresh, options.cropNmsThresh),
  );
  return kept.map((index) =>
    changed[index] ? { ...entries[index]!, bitmap: cleaned[index]!, box: boxes[index]! } : entries[index]!,
  );
}
