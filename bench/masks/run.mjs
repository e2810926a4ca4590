// Compares Maskery's masks with what a JavaScript user would pick instead. See README.md beside this file.
import { measure } from "./measure.mjs";
import { areaAndBox, loadOpenCv, loadTransformers } from "./peers.mjs";
import { crowdedBitmap, decoderPlane, height, planeScale, planeSide, width } from "./scenes.mjs";
import { storedBytes } from "./stored-bytes.mjs";

const core =
  process.env["MASKERY_CORE"] ?? new URL("../../packages/core/dist/index.js", import.meta.url).href;
/** @type {{ Mask: any }} The built package, by variable, so that a type check needs no build. */
const { Mask } = await import(core);
const { cv } = await loadOpenCv();
const { transformers, processor } = await loadTransformers();

/** @type {{ job: string, maskery: number, peer: string, peerTime: number, goal: string }[]} */
const rows = [];
/** @type {string[]} */
const problems = [];
/** @type {(what: string, holds: boolean) => void} */
const check = (what, holds) => {
  if (!holds) problems.push(what);
};
/** @type {(job: string, peer: string, times: Record<string, number>, goal?: string) => void} */
const add = (job, peer, times, goal = "") => {
  rows.push({
    job,
    peer,
    maskery: times["maskery"] ?? Number.NaN,
    peerTime: times["peer"] ?? Number.NaN,
    goal,
  });
};

// --- three planes of a decoder to masks with area and box -------------------------------------------------------------
const planes = [1, 2, 3].map(decoderPlane);
const stacked = new Float32Array(3 * planeSide * planeSide);
planes.forEach((plane, index) => stacked.set(plane, index * plane.length));
const resizedHeight = Math.round((1024 * height) / width);
const fromLogits = () =>
  planes.map((data) => {
    const mask = Mask.fromLogits(
      { data, width: planeSide, height: planeSide, scaleX: planeScale, scaleY: planeScale },
      width,
      height,
    );
    return { mask, area: mask.area, bbox: mask.bbox };
  });
const tensor = new transformers.Tensor("float32", stacked, [1, 1, 3, planeSide, planeSide]);
const fromTransformers = async () => {
  const [masks] = await processor.post_process_masks([tensor[0]], [[height, width]], [[resizedHeight, 1024]]);
  return [0, 1, 2].map((index) => areaAndBox(masks.data, index * width * height, width, height));
};
const rowsUsed = (planeSide * resizedHeight) / 1024;
const planeMats = planes.map((plane) =>
  cv.matFromArray(rowsUsed, planeSide, cv.CV_32FC1, plane.subarray(0, rowsUsed * planeSide)),
);
const fromOpenCv = () =>
  planeMats.map((plane) => {
    const large = new cv.Mat();
    const binary = new cv.Mat();
    const bytes = new cv.Mat();
    cv.resize(plane, large, new cv.Size(width, height), 0, 0, cv.INTER_LINEAR);
    cv.threshold(large, binary, 0, 1, cv.THRESH_BINARY);
    binary.convertTo(bytes, cv.CV_8U);
    const result = { area: cv.countNonZero(bytes), box: cv.boundingRect(bytes) };
    for (const mat of [large, binary, bytes]) mat.delete();
    return result;
  });
{
  const ours = fromLogits();
  const theirs = await fromTransformers();
  const opencv = fromOpenCv();
  // transformers.js resizes twice, so a few border pixels differ; opencv computes in single precision.
  for (const [name, results, tolerance] of /** @type {const} */ ([
    ["transformers.js", theirs, 0.005],
    ["opencv.js", opencv, 0.001],
  ])) {
    results.forEach(({ area }, index) => {
      const own = ours[index]?.area;
      check(`area of plane ${index}: ${own}, ${name} ${area}`, Math.abs(own / area - 1) < tolerance);
    });
  }
  const slow = await measure({ maskery: fromLogits, peer: fromTransformers }, { turns: 11, warmUp: 2 });
  add("3 logit planes 256² → masks, area, box", "transformers.js post_process_masks + loop", slow, "≥ 25×");
  add(
    "3 logit planes 256² → masks, area, box",
    "opencv.js resize + threshold",
    await measure({ maskery: fromLogits, peer: fromOpenCv }),
  );
}

// --- pieces, outlines, distances --------------------------------------------------------------------------------------
const [object, first, second] = fromLogits().map(({ mask }) => mask);
const crowd = Mask.fromBitmap(crowdedBitmap(7), width, height);
const scenes = /** @type {const} */ ([
  ["one object", object],
  ["400 cells", crowd],
]);
for (const [name, mask] of scenes) {
  const mat = cv.matFromArray(height, width, cv.CV_8UC1, mask.toBitmap());
  const openCvComponents = () => {
    const labels = new cv.Mat();
    const stats = new cv.Mat();
    const centroids = new cv.Mat();
    const count = cv.connectedComponentsWithStats(mat, labels, stats, centroids, 8, cv.CV_32S) - 1;
    for (const result of [labels, stats, centroids]) result.delete();
    return count;
  };
  const components = () => mask.components().map((/** @type {any} */ piece) => [piece.area, piece.bbox]);
  check(`components of ${name}`, components().length === openCvComponents());
  add(
    `components, area and box (${name}, ${components().length})`,
    "opencv.js connectedComponentsWithStats",
    await measure({ maskery: components, peer: openCvComponents }),
    "≥ 1×",
  );

  const openCvContours = () => {
    const contours = new cv.MatVector();
    const hierarchy = new cv.Mat();
    cv.findContours(mat, contours, hierarchy, cv.RETR_CCOMP, cv.CHAIN_APPROX_SIMPLE);
    const count = contours.size();
    contours.delete();
    hierarchy.delete();
    return count;
  };
  const contours = () => mask.contours();
  add(
    `contours with holes (${name})`,
    "opencv.js findContours, CCOMP",
    await measure({ maskery: contours, peer: openCvContours }),
    "≥ 1×",
  );

  const openCvDistance = () => {
    const result = new cv.Mat();
    cv.distanceTransform(mat, result, cv.DIST_L2, cv.DIST_MASK_PRECISE);
    result.delete();
  };
  add(
    `exact distance transform (${name})`,
    "opencv.js distanceTransform",
    await measure({ maskery: () => mask.distanceTransform(), peer: openCvDistance }),
  );

  const disc = cv.getStructuringElement(cv.MORPH_ELLIPSE, new cv.Size(21, 21));
  const openCvDilate = () => {
    const result = new cv.Mat();
    cv.dilate(mat, result, disc);
    result.delete();
  };
  add(
    `grow by 10 pixels (${name})`,
    "opencv.js dilate, ellipse",
    await measure({ maskery: () => mask.refine({ grow: 10 }), peer: openCvDilate }),
  );

  const openCvShrunk = () => {
    const result = new cv.Mat();
    cv.resize(mat, result, new cv.Size(width / 2, height / 2), 0, 0, cv.INTER_AREA);
    result.delete();
  };
  add(
    `resize to a half (${name})`,
    "opencv.js resize, area",
    await measure({ maskery: () => mask.resize(width / 2, height / 2), peer: openCvShrunk }),
  );
  for (const used of [mat, disc]) used.delete();
}

// --- two masks --------------------------------------------------------------------------------------------------------
const firstMat = cv.matFromArray(height, width, cv.CV_8UC1, first.toBitmap());
const secondMat = cv.matFromArray(height, width, cv.CV_8UC1, second.toBitmap());
const target = new cv.Mat();
const openCvIou = () => {
  cv.bitwise_and(firstMat, secondMat, target);
  const intersection = cv.countNonZero(target);
  cv.bitwise_or(firstMat, secondMat, target);
  return intersection / cv.countNonZero(target);
};
check("iou", Math.abs(openCvIou() - first.iou(second)) < 1e-12);
/** @type {(maskery: () => unknown, peer: () => unknown) => Promise<Record<string, number>>} */
const side = (maskery, peer) => measure({ maskery, peer });
add(
  "union of two masks",
  "opencv.js bitwise_or",
  await side(
    () => first.union(second),
    () => cv.bitwise_or(firstMat, secondMat, target),
  ),
  "< 0.2 ms",
);
add(
  "intersection of two masks",
  "opencv.js bitwise_and",
  await side(
    () => first.intersect(second),
    () => cv.bitwise_and(firstMat, secondMat, target),
  ),
  "< 0.2 ms",
);
add(
  "IoU of two masks",
  "opencv.js and, or, count",
  await side(() => first.iou(second), openCvIou),
  "< 0.2 ms",
);
for (const used of [firstMat, secondMat, target, ...planeMats]) used.delete();

// --- report -----------------------------------------------------------------------------------------------------------
/** @param {number} value */
const cell = (value) => (value < 1 ? value.toFixed(3) : value.toFixed(1));
console.log(`Node ${process.version}, ${width} × ${height}, medians in ms, contestants taking turns\n`);
console.log("| job | Maskery | peer | ratio | goal | against |\n| --- | --- | --- | --- | --- | --- |");
for (const { job, maskery, peer, peerTime, goal } of rows) {
  console.log(
    `| ${job} | ${cell(maskery)} | ${cell(peerTime)} | ${(peerTime / maskery).toFixed(1)}× | ${goal} | ${peer} |`,
  );
}
console.log("\n| stored mask | bytes | share of the bitmap |\n| --- | --- | --- |");
for (const [name, mask] of scenes) {
  const bytes = await storedBytes(mask);
  console.log(`| ${name} | ${bytes} | 1/${Math.round((width * height) / bytes)} (goal < 1/50) |`);
}
for (const problem of problems) console.error(`disagreement: ${problem}`);
process.exit(problems.length === 0 ? 0 : 1);
