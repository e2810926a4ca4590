import { fileURLToPath } from "node:url";
import {
  alphaFromLogits,
  createSegmenter,
  type FocusOption,
  Mask,
  type RgbaImage,
  type Segmenter,
  type SegmentResult,
} from "@maskery/node";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const width = 4000;
const height = 3000;
const ground = fileURLToPath(new URL("../../../examples/photos/coffee.png", import.meta.url));

/** Small things on a photograph of 12 million pixels: at the model's 256 pixels the largest is 12 pixels wide. */
const things = [
  { shape: "ellipse", x: 640, y: 520, radiusX: 90, radiusY: 60, colour: "#c0392b" },
  { shape: "ellipse", x: 3300, y: 700, radiusX: 50, radiusY: 80, colour: "#2e86c1" },
  { shape: "ellipse", x: 900, y: 2400, radiusX: 70, radiusY: 70, colour: "#f1c40f" },
  { shape: "rectangle", x: 2100, y: 350, radiusX: 80, radiusY: 45, colour: "#27ae60" },
  { shape: "rectangle", x: 3500, y: 2500, radiusX: 55, radiusY: 90, colour: "#ecf0f1" },
  { shape: "rectangle", x: 320, y: 1500, radiusX: 60, radiusY: 60, colour: "#8e44ad" },
] as const;

type Thing = (typeof things)[number];

function covers({ shape, x, y, radiusX, radiusY }: Thing, column: number, row: number): boolean {
  const [across, down] = [(column - x) / radiusX, (row - y) / radiusY];
  return shape === "ellipse" ? across ** 2 + down ** 2 <= 1 : Math.abs(across) <= 1 && Math.abs(down) <= 1;
}

function drawn(thing: Thing): Mask {
  const bitmap = new Uint8Array(width * height);
  for (let row = thing.y - thing.radiusY; row <= thing.y + thing.radiusY; row++) {
    for (let column = thing.x - thing.radiusX; column <= thing.x + thing.radiusX; column++) {
      if (covers(thing, column, row)) bitmap[row * width + column] = 1;
    }
  }
  return Mask.fromBitmap(bitmap, width, height);
}

let picture: RgbaImage;
let segmenter: Segmenter;
beforeAll(async () => {
  const shapes = things.map(({ shape, x, y, radiusX, radiusY, colour }) =>
    shape === "ellipse"
      ? `<ellipse cx="${x}" cy="${y}" rx="${radiusX}" ry="${radiusY}" fill="${colour}"/>`
      : `<rect x="${x - radiusX}" y="${y - radiusY}" width="${2 * radiusX}" height="${2 * radiusY}" fill="${colour}"/>`,
  );
  const layer = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">${shapes.join("")}</svg>`;
  const { data } = await sharp(ground)
    .resize(width, height, { fit: "fill" })
    .composite([{ input: Buffer.from(layer) }])
    .ensureAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true });
  picture = { width, height, data };
  segmenter = await createSegmenter();
}, 60_000);
afterAll(() => segmenter.dispose());

/** What is small enough to be printed when it is not as expected. */
const about = ({ cached, imageCached, focus }: SegmentResult) => ({ cached, imageCached, focus });

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

describe("focus on small objects of a large picture", () => {
  it("gives clearly better masks than the whole picture, from clicks and from boxes", {
    timeout: 120_000,
  }, async () => {
    const session = await segmenter.open(picture);
    const truths = things.map(drawn);
    const clicks = things.map(({ x, y }) => [{ x, y }]);
    const boxes = truths.map(({ bbox }) => ({ box: bbox }));
    for (const [prompts, least] of [
      [clicks, 0.2],
      [boxes, 0.2],
    ] as const) {
      const plain = await session.segmentMany(prompts);
      const focused = await session.segmentMany(prompts, { focus: true });
      const plainIou = mean(plain.map(({ best }, index) => best.iou(truths[index]!)));
      const focusedIou = mean(focused.map(({ best }, index) => best.iou(truths[index]!)));
      expect(focusedIou - plainIou).toBeGreaterThan(least);
    }
    await session.dispose();
  });

  it("says which part it looked at, remembers crop and masks, and puts them where they belong", async () => {
    const fresh = await createSegmenter();
    const session = await fresh.open(picture);
    const thing = things[1];
    const click = [{ x: thing.x, y: thing.y }];
    const encodes = async () => (await fresh.cacheStats()).embeddings.encodes;
    const { best, focus, cached } = await session.segment(click, { focus: true });
    expect(cached).toBe(false);
    expect(focus!.x <= thing.x && thing.x < focus!.x + focus!.width).toBe(true);
    expect(best.logits?.window).toEqual(focus);
    expect(best.contours({ subpixel: true }).length).toBeGreaterThan(0);
    const filled = Mask.fromPolygons(best.contours({ subpixel: true }), width, height);
    expect(filled.iou(best)).toBeGreaterThan(0.95);
    expect(Mask.fromAlpha(alphaFromLogits(best)).iou(best)).toBeGreaterThan(0.99);

    const before = await encodes();
    expect(about(await session.segment(click, { focus: true }))).toMatchObject({ cached: true, focus });
    const [plain] = await session.segmentMany([click]);
    expect(plain!.focus).toBeUndefined();
    const [again] = await fresh.segmentMany(picture, [click], { focus: true });
    expect(about(again!)).toMatchObject({ cached: true, focus });
    // One more click on the object stays in its crop, starts from its mask, and encodes nothing.
    const longer = await session.segment([...click, { x: thing.x + 10, y: thing.y + 20 }], { focus: true });
    expect(about(longer)).toEqual({ cached: false, imageCached: true, focus });
    expect(longer.best.iou(drawn(thing))).toBeGreaterThan(0.9);
    expect(await encodes()).toBe(before);

    expect(session.image).toEqual({ width, height });
    const document = JSON.parse(JSON.stringify(session));
    const restored = await fresh.restore(picture, document);
    expect(restored.history.current?.focus).toEqual(focus);
    document.steps[0].focus.width = width;
    await expect(fresh.restore(picture, document)).rejects.toMatchObject({
      field: "document.steps[0].focus",
    });
    await Promise.all([session.dispose(), restored.dispose(), fresh.dispose()]);
  });

  it("looks at a given part, and refuses one that does not hold the prompt", async () => {
    const session = await segmenter.open(picture);
    const thing = things[2];
    const click = [{ x: thing.x, y: thing.y }];
    const part = { x: 700, y: 2250, width: 400, height: 320 };
    const { best, focus } = await session.segment(click, { focus: part });
    expect(focus).toEqual(part);
    expect(best.iou(drawn(thing))).toBeGreaterThan(0.85);
    const refuses = (option: unknown, field: string) =>
      expect(session.segment(click, { focus: option as FocusOption })).rejects.toMatchObject({
        code: "INVALID_INPUT",
        field,
      });
    await refuses({ x: 0, y: 0, width: 300, height: 300 }, "focus");
    await refuses({ x: 5000, y: 0, width: 300, height: 300 }, "focus");
    await refuses({ x: 0, y: 0, width: 300 }, "focus.height");
    await refuses({ padding: -1 }, "focus.padding");
    await refuses({ room: 1 }, "focus.room");
    await refuses("always", "focus");
    await session.dispose();
  });

  it("trusts the first mask with auto: what fills the picture is looked at once", async () => {
    const session = await segmenter.open(picture);
    const click = [{ x: things[3].x, y: things[3].y }];
    const whole = await session.segment(click);
    const result = await session.segment(click, { focus: "auto" });
    expect(whole.best.area).toBeGreaterThan(0.3 * width * height);
    expect(result.focus).toBeUndefined();
    expect(result.best.iou(whole.best)).toBe(1);
    await session.dispose();
  });

  it("encodes one crop for callers at a time, and the last abort stops it", async () => {
    const fresh = await createSegmenter({ resultCache: { maxBytes: 0 } });
    const part = { x: 700, y: 2250, width: 400, height: 320 };
    const prompt = [{ x: things[2].x, y: things[2].y }];
    const results = await Promise.all([1, 2, 3].map(() => fresh.segment(picture, prompt, { focus: part })));
    expect(results.filter(({ imageCached }) => imageCached)).toHaveLength(2);
    expect((await fresh.cacheStats()).embeddings.encodes).toBe(1);
    const controller = new AbortController();
    const aborted = fresh.segment(picture, prompt, { focus: true, signal: controller.signal });
    controller.abort();
    await expect(aborted).rejects.toMatchObject({ code: "ABORTED" });
    await fresh.dispose();
  });
});
