// Compares Maskery's masks with COCO's own C code (maskApi.c, which pycocotools wraps) on random masks. See README.md.
//
//   node bench/masks/against-maskapi.mjs <folder with maskApi.c and maskApi.h> [pairs]
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const core =
  process.env["MASKERY_CORE"] ?? new URL("../../packages/core/dist/index.js", import.meta.url).href;
/** @type {{ Mask: any }} The built package, by variable, so that a type check needs no build. */
const { Mask } = await import(core);
const [sources, pairsText = "2000"] = process.argv.slice(2);
if (!sources) throw new Error("usage: against-maskapi.mjs <folder with maskApi.c and maskApi.h> [pairs]");

let state = 1;
const random = () => {
  state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
  return state / 2 ** 32;
};

/** Specks, blobs, stripes, empty and full: row-major, 1 inside. */
function randomBitmap(/** @type {number} */ width, /** @type {number} */ height) {
  const kind = Math.floor(random() * 6);
  const share = random();
  const cell = 1 + Math.floor(random() * 9);
  const columns = Math.ceil(width / cell);
  const cells = Array.from({ length: columns * Math.ceil(height / cell) }, () => random() < share);
  return Uint8Array.from({ length: width * height }, (_, index) => {
    if (kind === 0) return 0;
    if (kind === 1) return 1;
    if (kind === 2) return random() < share ? 1 : 0;
    const [x, y] = [index % width, Math.floor(index / width)];
    if (kind === 3) return Math.floor(x / cell) % 2;
    return cells[Math.floor(y / cell) * columns + Math.floor(x / cell)] ? 1 : 0;
  });
}

const pairs = Array.from({ length: Number(pairsText) }, (_, index) => {
  const most = index % 50 === 0 ? 900 : 60;
  const width = 1 + Math.floor(random() * most);
  const height = 1 + Math.floor(random() * most);
  return { width, height, first: randomBitmap(width, height), second: randomBitmap(width, height) };
});
const columnMajor = (
  /** @type {Uint8Array} */ bitmap,
  /** @type {number} */ width,
  /** @type {number} */ height,
) =>
  Uint8Array.from(bitmap, (_, index) => bitmap[(index % height) * width + Math.floor(index / height)] ?? 0);
const input = Buffer.concat(
  pairs.flatMap(({ width, height, first, second }) => [
    Buffer.from(Uint32Array.of(height, width).buffer),
    columnMajor(first, width, height),
    columnMajor(second, width, height),
  ]),
);

const folder = mkdtempSync(join(tmpdir(), "maskapi-"));
let lines;
try {
  const program = join(folder, "maskapi");
  const driver = fileURLToPath(new URL("maskapi-driver.c", import.meta.url));
  const flags = ["-O2", "-w", "-include", "string.h", "-I", sources];
  execFileSync("cc", [...flags, driver, join(sources, "maskApi.c"), "-lm", "-o", program]);
  const { stdout, status } = spawnSync(program, { input, maxBuffer: 2 ** 30, encoding: "latin1" });
  if (status !== 0) throw new Error(`the C program ended with ${status}`);
  lines = stdout.trim().split("\n");
} finally {
  rmSync(folder, { recursive: true });
}

const describe = (/** @type {any} */ mask) => {
  const { x, y, width, height } = mask.bbox;
  return `${mask.toCocoRle().counts} ${mask.area} ${x} ${y} ${width} ${height}`;
};
let next = 0;
let compared = 0;
for (const { width, height, first: firstBitmap, second: secondBitmap } of pairs) {
  const first = Mask.fromBitmap(firstBitmap, width, height);
  const second = Mask.fromBitmap(secondBitmap, width, height);
  for (const mask of [first, second, first.union(second), first.intersect(second), first.invert()]) {
    const theirs = lines[next++];
    if (describe(mask) !== theirs)
      throw new Error(`${width} × ${height}: ${describe(mask)} but maskApi.c says ${theirs}`);
    const [counts] = /** @type {string} */ (theirs).split(" ");
    if (Mask.fromRle({ size: [height, width], counts }).xor(mask).area !== 0)
      throw new Error(`reading ${counts}`);
    compared++;
  }
  // maskApi.c calls two empty masks 0 alike, Maskery 1.
  const iou = first.isEmpty && second.isEmpty ? 0 : first.iou(second);
  if (Math.abs(iou - Number(lines[next++])) > 1e-12)
    throw new Error(`IoU ${iou} but maskApi.c says ${lines[next - 1]}`);
  if (lines[next++] !== "1") throw new Error("maskApi.c does not read its own string");
}
console.log(`${compared} masks and ${pairs.length} IoUs: strings, areas, boxes equal to maskApi.c`);
