// Draws the sheets of pictures in docs/images: what paint, cut-outs and refinement look like.
//
//   npm run build && node docs/sheets/paint-sheet.mjs [folder of photographs]
//
// The photographs are those of examples/photos (scikit-image's sample data: astronaut.png is a NASA portrait in the public
// domain, coffee.png is CC0 by Rachel Michetti). Masks are outlines drawn by hand below: no model is needed.
import { mkdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import sharp from "sharp";
import { contactSheet, cutout, Mask, overlay, paint } from "../../packages/core/dist/index.js";
import { room } from "./scene.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const images = join(here, "../images");
const photos = process.argv[2] ?? join(here, "../../examples/photos");

async function readPhoto(name) {
  const { data, info } = await sharp(join(photos, name))
    .toColourspace("srgb")
    .ensureAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true });
  return { width: info.width, height: info.height, data: new Uint8Array(data) };
}

async function writeSheet(name, image, quality) {
  const raw = { width: image.width, height: image.height, channels: 4 };
  const { size } = await sharp(image.data, { raw })
    .removeAlpha()
    .jpeg({ quality, mozjpeg: true })
    .toFile(join(images, name));
  console.log(`${name}: ${image.width} × ${image.height}, ${Math.round(size / 1024)} KiB`);
}

/** A polygon mask from `x,y x,y …`. */
function outline(image, text) {
  const outer = text
    .trim()
    .split(/\s+/)
    .map((pair) => pair.split(",").map(Number))
    .map(([x, y]) => ({ x, y }));
  return Mask.fromPolygons([{ outer }], image.width, image.height);
}

/** A rectangle of a picture. */
function part(image, x, y, width, height) {
  const data = new Uint8ClampedArray(width * height * 4);
  for (let row = 0; row < height; row++) {
    const start = ((y + row) * image.width + x) * 4;
    data.set(image.data.subarray(start, start + width * 4), row * width * 4);
  }
  return { width, height, data };
}

async function paintedWall() {
  const [width, height] = [640, 440];
  const walls = [
    ["a light wall", [236, 232, 224], ["#1f3a5f", "#8c2f24", "#5d7a5a", "#d8a23a", "#20201f"]],
    ["a dark wall", [58, 62, 66], ["#f4f1ea", "#bcd4e6", "#e8c9a0", "#c0392b", "#2e6f57"]],
  ];
  const pictures = [];
  const captions = [];
  for (const [name, wall, colors] of walls) {
    const { image, bitmap } = room(width, height, wall);
    const mask = Mask.fromBitmap(bitmap, width, height);
    pictures.push(
      image,
      ...colors.map((color) => paint(image, [{ mask, color, keepShading: true, feather: 1 }])),
    );
    captions.push(name, ...colors);
  }
  const sheet = contactSheet(pictures, { columns: 3, cell: { width: 420, height: 289 }, captions, gap: 10 });
  await writeSheet("painted-wall.jpg", sheet, 84);
}

/** Head and shoulders of the astronaut, drawn a little carelessly along the hair. */
const portrait = `151,80 153,62 163,44 178,31 192,24 210,18 232,14 254,15 274,26 288,42 298,60 303,80 301,104 294,122 280,131 266,135
  260,150 261,175 272,190 290,203 304,220 309,240 330,254 346,278 357,312 364,350 340,365 310,392 292,430 280,470 284,512
  12,512 16,440 24,380 30,330 40,290 52,264 70,247 95,233 116,220 113,205 118,178 138,157 168,149 186,148 187,138 172,124 158,104`;

/** The cup with its saucer and the end of the spoon. */
const cupAndSaucer = `174,88 180,68 190,50 205,37 222,28 245,20 280,17 315,20 350,30 378,46 395,62 403,80 408,70 415,65 424,67 423,82 414,106 421,118
     440,135 462,165 478,205 480,240 470,280 448,320 410,352 360,376 300,388 250,386 200,374 150,350 110,315 85,270 77,225 80,185
     95,150 125,115 155,92`;

async function cutouts() {
  const image = await readPhoto("astronaut.png");
  const rough = outline(image, portrait);
  const steps = { smooth: 2, snapToEdges: 7, matte: 9 };
  const haloed = rough.refine(steps, image);
  const clean = rough.refine({ ...steps, decontaminate: true }, image);
  const grounds = ["#0b2545", "#ff7f50", "#f5f5f5"];
  const view = (picture) => part(picture, 100, 0, 260, 200);
  const pictures = [];
  const captions = [];
  for (const [name, mask] of [
    ["as photographed", haloed],
    ["decontaminated", clean],
  ]) {
    for (const background of grounds) {
      pictures.push(view(cutout(image, mask, { background })));
      captions.push(`${name}, on ${background}`);
    }
  }
  const coffee = await readPhoto("coffee.png");
  const cup = outline(coffee, cupAndSaucer).refine({ smooth: 3, snapToEdges: 5, feather: 1.2 }, coffee);
  const padding = 24;
  pictures.push(
    cutout(coffee, cup, {
      crop: true,
      padding,
      background: "#9fc5e8",
      shadow: { offsetX: 8, offsetY: 12, blur: 9, opacity: 0.45 },
    }),
    cutout(coffee, cup, { crop: true, padding, background: "#274e13", outline: { pixels: 7 } }),
    cutout(coffee, cup, { background: { blur: 10 } }),
  );
  captions.push("shadow", "outline", "blurred background");
  await writeSheet(
    "cutouts.jpg",
    contactSheet(pictures, { columns: 3, cell: { width: 416, height: 320 }, captions, gap: 10 }),
    86,
  );
}

/** The outline with bites, specks, holes and hairs, as a hurried click leaves it. */
function damaged(mask) {
  const { width, height } = mask;
  const bitmap = mask.toBitmap();
  let state = 7;
  const random = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 4294967296;
  };
  const disc = (x, y, radius, value) => {
    for (let row = Math.max(0, Math.ceil(y - radius)); row < Math.min(height, y + radius); row++) {
      for (let column = Math.max(0, Math.ceil(x - radius)); column < Math.min(width, x + radius); column++) {
        if ((column - x) ** 2 + (row - y) ** 2 < radius * radius) bitmap[row * width + column] = value;
      }
    }
  };
  for (let count = 0; count < 26; count++)
    disc(random() * width, random() * height, 2 + random() * 5, random() < 0.5 ? 1 : 0);
  for (const { outer } of mask.contours({ tolerancePixels: 3 })) {
    for (const { x, y } of outer) if (random() < 0.6) disc(x, y, 3 + random() * 5, random() < 0.5 ? 1 : 0);
  }
  // A crack and a hair.
  for (let y = 300; y < 420; y++)
    for (let x = 0; x < 3; x++) bitmap[y * width + 120 + x + ((y - 300) >> 2)] = 0;
  for (let x = 300; x < 400; x++) for (let y = 0; y < 3; y++) bitmap[(150 + y) * width + x] = 1;
  for (let x = 200; x < 305; x++) for (let y = 0; y < 3; y++) bitmap[(150 + y) * width + x] = 1;
  return Mask.fromBitmap(bitmap, width, height);
}

async function refineSteps() {
  const image = await readPhoto("astronaut.png");
  const rough = outline(image, portrait);
  const broken = damaged(rough);
  const shown = (mask) => overlay(image, [mask], { palette: ["#56b4e9"], opacity: 0.5, outlinePixels: 2 });
  const onGround = (mask) => cutout(image, mask, { background: "#0b2545" });
  const whole = (picture) => part(picture, 20, 0, 400, 400);
  const hair = (picture) => part(picture, 140, 5, 100, 100);
  const soft = { smooth: 2, snapToEdges: 7 };
  const coffee = await readPhoto("coffee.png");
  const slipped = outline(coffee, cupAndSaucer).translate(-5, -3);
  const saucer = (mask) => part(cutout(coffee, mask, { background: "#0b2545" }), 75, 70, 150, 150);
  const steps = [
    ["fillHoles: true", broken, broken.refine({ fillHoles: true }), shown, whole],
    ["dropSpecks: 400", broken, broken.refine({ dropSpecks: 400 }), shown, whole],
    ["close: 4", broken, broken.refine({ close: 4 }), shown, whole],
    ["open: 4", broken, broken.refine({ open: 4 }), shown, whole],
    ["smooth: 6", broken, broken.refine({ smooth: 6 }), shown, whole],
    ["grow: 8", rough, rough.refine({ grow: 8 }), shown, whole],
    ["shrink: 8", rough, rough.refine({ shrink: 8 }), shown, whole],
    ["snapToEdges: 14", slipped, slipped.refine({ snapToEdges: 14 }, coffee), saucer, (picture) => picture],
    ["feather: 3", rough.refine(soft, image), rough.refine({ ...soft, feather: 3 }, image), onGround, hair],
    ["matte: 9", rough.refine(soft, image), rough.refine({ ...soft, matte: 9 }, image), onGround, hair],
    [
      "decontaminate",
      rough.refine({ ...soft, matte: 9 }, image),
      rough.refine({ ...soft, matte: 9, decontaminate: true }, image),
      onGround,
      hair,
    ],
  ];
  const pictures = steps.flatMap(([, before, after, draw, view]) => [view(draw(before)), view(draw(after))]);
  const captions = steps.flatMap(([name]) => ["before", name]);
  await writeSheet(
    "refine.jpg",
    contactSheet(pictures, { columns: 6, cell: { width: 230, height: 230 }, captions, gap: 8 }),
    84,
  );
}

await mkdir(images, { recursive: true });
await paintedWall();
await cutouts();
await refineSteps();
