// Puts results of the demo on one sheet: the prompts, the masks, the cut-outs. The picture in README.md is made so.
//   npm run demo && node examples/result-sheet.mjs docs/images/demo.jpg
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import sharp from "sharp";
import { demoPrompts } from "./demo-prompts.mjs";

const ROW_HEIGHT = 210;
const GAP = 6;
const CHECK = 10;
const SHOWN = ["cat", "astronaut", "cup-inside"];

const here = dirname(fileURLToPath(import.meta.url));
const target = process.argv[2];
if (!target) throw new Error("usage: node examples/result-sheet.mjs <file.jpg>");

const tiles = [];
let left = GAP;
for (const { name, photo, prompt } of demoPrompts.filter((entry) => SHOWN.includes(entry.name))) {
  const photoPath = join(here, "photos", photo);
  const { width, height } = await sharp(photoPath).metadata();
  const tileWidth = Math.round((width * ROW_HEIGHT) / height);
  const rows = [
    await sharp(photoPath)
      .composite([{ input: promptDrawing(prompt, width, height) }])
      .png()
      .toBuffer(),
    join(here, "out", `${name}-overlay.png`),
    await sharp(checkerboard(width, height, Math.round((CHECK * height) / ROW_HEIGHT)))
      .composite([{ input: join(here, "out", `${name}-cutout.png`) }])
      .png()
      .toBuffer(),
  ];
  for (const [row, picture] of rows.entries()) {
    const input = await sharp(picture)
      .removeAlpha()
      .resize(tileWidth, ROW_HEIGHT, { fit: "fill" })
      .png()
      .toBuffer();
    tiles.push({ input, left, top: GAP + row * (ROW_HEIGHT + GAP) });
  }
  left += tileWidth + GAP;
}
await sharp({
  create: { width: left, height: GAP + 3 * (ROW_HEIGHT + GAP), channels: 3, background: "white" },
})
  .composite(tiles)
  .jpeg({ quality: 82, mozjpeg: true })
  .toFile(target);

/**
 * The prompt as a picture to lay over the photograph.
 * @param {import("@maskery/node").PromptInput} prompt
 * @param {number} width
 * @param {number} height
 */
function promptDrawing(prompt, width, height) {
  const stroke = Math.max(2, Math.round(height / 100));
  const shapes = "box" in prompt && prompt.box && "x0" in prompt.box ? [rectangle(prompt.box, stroke)] : [];
  const points = "box" in prompt ? [] : /** @type {readonly import("@maskery/node").PointInput[]} */ (prompt);
  for (const { x, y } of points) {
    shapes.push(
      `<circle cx="${x}" cy="${y}" r="${stroke * 2.5}" fill="#d55e00" stroke="white" stroke-width="${stroke}"/>`,
    );
  }
  return Buffer.from(
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">${shapes.join("")}</svg>`,
  );
}

/** @param {import("@maskery/node").Box} box @param {number} stroke */
function rectangle({ x0, y0, x1, y1 }, stroke) {
  const frame = `x="${x0}" y="${y0}" width="${x1 - x0}" height="${y1 - y0}" fill="none"`;
  return `<rect ${frame} stroke="white" stroke-width="${stroke * 2}"/><rect ${frame} stroke="#d55e00" stroke-width="${stroke}"/>`;
}

/** Two grays in squares, so that transparency shows. @param {number} width @param {number} height @param {number} side */
function checkerboard(width, height, side) {
  return Buffer.from(`<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}"><defs>
    <pattern id="checks" width="${side * 2}" height="${side * 2}" patternUnits="userSpaceOnUse">
    <rect width="${side * 2}" height="${side * 2}" fill="#ffffff"/><rect width="${side}" height="${side}" fill="#dddddd"/>
    <rect x="${side}" y="${side}" width="${side}" height="${side}" fill="#dddddd"/></pattern></defs>
    <rect width="100%" height="100%" fill="url(#checks)"/></svg>`);
}
