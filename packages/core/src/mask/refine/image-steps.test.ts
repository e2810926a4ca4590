import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { GrayImage, RgbaImage } from "../../image/rgba-image.js";
import { alphaFromMask, decontaminate, featherAlpha } from "../alpha.js";
import { drawMask, randomNumbers } from "../arbitrary-mask.test-support.js";
import { expectInvalidInput } from "../expect-invalid-input.test-support.js";
import { Mask } from "../mask.js";
import { boxSum } from "./box-mean.js";
import { guidedFilter } from "./guided-filter.js";

const WIDTH = 260;
const HEIGHT = 220;

interface Scene {
  readonly image: RgbaImage;
  /** The true alpha, and the same as a plane. */
  readonly alpha: Float32Array;
  readonly truth: GrayImage;
  /** The true colours of the object, 0..1, `[height, width, 3]`. */
  readonly foreground: Float32Array;
}

/** A wavy disc of changing colour before a changing ground, with a soft edge or hairs, and a little noise. */
function scene(kind: "sharp" | "blurred" | "hairy"): Scene {
  const random = randomNumbers(3);
  const hairs = Array.from({ length: 40 }, () => ({
    angle: random() * 2 * Math.PI,
    length: 8 + random() * 14,
    width: 0.6 + random(),
  }));
  const alpha = new Float32Array(WIDTH * HEIGHT);
  const foreground = new Float32Array(WIDTH * HEIGHT * 3);
  const data = new Uint8ClampedArray(WIDTH * HEIGHT * 4).fill(255);
  const softness = kind === "blurred" ? 10 : 1.5;
  for (let y = 0, pixel = 0; y < HEIGHT; y++) {
    for (let x = 0; x < WIDTH; x++, pixel++) {
      const radius = Math.hypot(x - 130, y - 110);
      const angle = Math.atan2(y - 110, x - 130);
      let share = clamp(0.5 + (66 + 4 * Math.sin(5 * angle) - radius) / softness);
      if (kind === "hairy") {
        for (const hair of hairs) {
          const along = radius - 64;
          if (along < -4 || along > hair.length) continue;
          const turn = Math.atan2(Math.sin(angle - hair.angle), Math.cos(angle - hair.angle));
          share = Math.max(
            share,
            clamp(hair.width - Math.abs(turn) * radius + 0.5) * (1 - Math.max(0, along) / hair.length / 2),
          );
        }
      }
      alpha[pixel] = share;
      const object = [0.75 + 0.15 * Math.sin(x / 17), 0.45 + 0.1 * Math.sin(y / 11), 0.25];
      const ground = [0.15 + (0.15 * x) / WIDTH, 0.35 + 0.1 * Math.sin(y / 31), 0.6 - (0.2 * y) / HEIGHT];
      for (let channel = 0; channel < 3; channel++) {
        foreground[pixel * 3 + channel] = object[channel]!;
        const noise = (random() + random() + random() - 1.5) * 0.03;
        data[pixel * 4 + channel] = 255 * (share * object[channel]! + (1 - share) * ground[channel]! + noise);
      }
    }
  }
  const truth = {
    width: WIDTH,
    height: HEIGHT,
    gray: Uint8Array.from(alpha, (share) => Math.round(share * 255)),
  };
  return { image: { width: WIDTH, height: HEIGHT, data }, alpha, truth, foreground };
}

/** `toEqual` takes seconds for the bytes of a picture. */
function equalBytes(first: ArrayLike<number> | undefined, second: ArrayLike<number>): boolean {
  if (first?.length !== second.length) return false;
  for (let index = 0; index < second.length; index++) if (first[index] !== second[index]) return false;
  return true;
}

function clamp(value: number): number {
  return Math.min(1, Math.max(0, value));
}

/** What a decoder of low resolution makes of the scene: cells of 8 pixels, with errors. */
function coarseMask({ alpha }: Scene): Mask {
  const random = randomNumbers(5);
  const cell = 8;
  const width = Math.ceil(WIDTH / cell);
  const height = Math.ceil(HEIGHT / cell);
  const sums = new Float32Array(width * height);
  for (let y = 0; y < HEIGHT; y++)
    for (let x = 0; x < WIDTH; x++)
      sums[Math.floor(y / cell) * width + Math.floor(x / cell)]! += alpha[y * WIDTH + x]! / cell ** 2;
  const data = sums.map((share) => share - 0.5 + (random() - 0.5) * 0.25);
  return Mask.fromLogits({ data, width, height, scaleX: 1 / cell, scaleY: 1 / cell }, WIDTH, HEIGHT);
}

/** The same scene in a picture that begins elsewhere, so that tiles fall on other pixels. */
function cropScene() {
  const { image, alpha } = scene("sharp");
  const left = 37;
  const top = 23;
  const box = { x: left, y: top, width: WIDTH - left, height: HEIGHT - top };
  const data = new Uint8Array(box.width * box.height * 4);
  for (let y = 0; y < box.height; y++) {
    const start = ((y + top) * WIDTH + left) * 4;
    data.set(image.data.subarray(start, start + box.width * 4), y * box.width * 4);
  }
  return {
    mask: Mask.fromAlpha(alphaPlane(alpha)).with({ alpha: undefined }),
    image,
    box,
    picture: { ...box, data },
  };
}

function alphaPlane(alpha: Float32Array): GrayImage {
  return { width: WIDTH, height: HEIGHT, gray: Uint8Array.from(alpha, (share) => Math.round(share * 255)) };
}

function alphaError({ alpha }: Scene, matte: GrayImage): number {
  return alpha.reduce((sum, share, pixel) => sum + Math.abs(share - matte.gray[pixel]! / 255), 0);
}

describe("matte", () => {
  it.each([
    // The share of the error of a hard edge, and of a feathered one, that may remain.
    ["sharp", 0.5],
    ["blurred", 0.6],
    ["hairy", 0.8],
  ] as const)("finds a known alpha better than any edge without the picture: %s", (kind, share) => {
    const known = scene(kind);
    const mask = coarseMask(known);
    const refined = mask.refine({ matte: 8 }, known.image);
    const error = alphaError(known, refined.alpha!);
    expect(error).toBeLessThan(share * alphaError(known, alphaFromMask(mask)));
    expect(error).toBeLessThan(share * alphaError(known, featherAlpha(mask, 4)));
    expect(Mask.fromAlpha(refined.alpha!).runs).toEqual(refined.runs);
  });

  it("changes nothing beyond its band", () => {
    const known = scene("hairy");
    const mask = coarseMask(known);
    const { gray } = mask.refine({ matte: 6 }, known.image).alpha!;
    const inside = mask.distanceTransform();
    const outside = mask.distanceTransform({ side: "outside" });
    gray.forEach((value, pixel) => {
      if (inside[pixel]! - 0.5 >= 6) expect(value).toBe(255);
      if (outside[pixel]! - 0.5 >= 6) expect(value).toBe(0);
    });
  });

  it("knows no seams: a picture that begins elsewhere gives the same alpha", () => {
    const { mask, image, box, picture } = cropScene();
    const cropped = mask.crop(box).refine({ matte: 5 }, picture).alpha!.gray;
    const whole = mask.refine({ matte: 5 }, image).alpha!.gray;
    let largest = 0;
    for (let y = 0; y < box.height; y++)
      for (let x = 0; x < box.width; x++) {
        largest = Math.max(
          largest,
          Math.abs(cropped[y * box.width + x]! - whole[(y + box.y) * WIDTH + x + box.x]!),
        );
      }
    expect(largest).toBeLessThanOrEqual(1);
  });

  it("is a ramp where the picture says nothing", () => {
    const gray = { width: 60, height: 40, data: new Uint8Array(60 * 40 * 4).fill(128) };
    const half = drawMask(60, 40, (x) => x < 30);
    const row = half.refine({ matte: 8 }, gray).alpha!.gray.slice(20 * 60, 21 * 60);
    expect(row[10]).toBe(255);
    expect(row[50]).toBe(0);
    for (let x = 15; x < 45; x++) expect(row[x]).toBeLessThanOrEqual(row[x - 1]!);
  });
});

describe("snapToEdges", () => {
  it("brings a coarse outline closer to the object's", () => {
    for (const kind of ["sharp", "blurred"] as const) {
      const known = scene(kind);
      const object = Mask.fromAlpha(known.truth);
      const mask = coarseMask(known);
      const snapped = mask.refine({ snapToEdges: 6 }, known.image);
      expect(1 - snapped.iou(object)).toBeLessThan(
        kind === "sharp" ? 0.4 * (1 - mask.iou(object)) : 1 - mask.iou(object),
      );
      expect(snapped.boundaryF1(object, { tolerancePixels: 1 })).toBeGreaterThan(
        mask.boundaryF1(object, { tolerancePixels: 1 }),
      );
    }
  });

  it("restores a clear edge to within a pixel from two thirds of its reach", () => {
    const [width, height] = [150, 120];
    fc.assert(
      fc.property(
        fc.integer({ min: 4, max: 14 }),
        fc.double({ min: 0.1, max: 2 / 3, noNaN: true }),
        fc.constantFrom("grown", "shrunk", "moved"),
        fc.nat(1000),
        (reach, share, how, seed) => {
          const random = randomNumbers(seed);
          const waves = 2 + Math.floor(random() * 3);
          const turn = random() * 6;
          const truth = drawMask(width, height, (x, y) => {
            const angle = Math.atan2(y - 60, x - 75);
            return Math.hypot(x - 75, y - 60) < 33 + 2 * Math.sin(waves * angle + turn);
          });
          const inside = truth.toBitmap();
          const [object, ground] = [0, 1].map(() => [0, 1, 2].map(() => 30 + random() * 70)) as number[][];
          object![Math.floor(random() * 3)]! += 110;
          const data = new Uint8Array(width * height * 4).fill(255);
          inside.forEach((isInside, pixel) => {
            const noise = (random() - 0.5) * 14;
            for (let channel = 0; channel < 3; channel++)
              data[pixel * 4 + channel] = (isInside ? object! : ground!)[channel]! + noise;
          });
          // Whole pixels, because a mask cannot be moved by less.
          const slip = Math.max(1, Math.floor(share * reach));
          const slipped =
            how === "grown"
              ? truth.refine({ grow: slip })
              : how === "shrunk"
                ? truth.refine({ shrink: slip })
                : truth.translate(slip, 0);
          const restored = slipped.refine({ snapToEdges: reach }, { width, height, data });
          expect(restored.boundaryF1(truth, { tolerancePixels: 1 })).toBeGreaterThan(0.97);
        },
      ),
      { numRuns: 15 },
    );
  });

  it("leaves an outline alone where the picture has no edge", () => {
    const mask = drawMask(90, 80, (x, y) => Math.hypot(x - 45, y - 40) < 25);
    const gray = { width: 90, height: 80, data: new Uint8Array(90 * 80 * 4).fill(128) };
    const snapped = mask.refine({ snapToEdges: 8 }, gray);
    expect(snapped.boundaryF1(mask, { tolerancePixels: 1 })).toBeGreaterThan(0.99);
  });

  it("knows no seams: a picture that begins elsewhere gives the same outline", () => {
    const { mask, image, box, picture } = cropScene();
    const cropped = mask.crop(box).refine({ snapToEdges: 5 }, picture);
    const whole = mask.refine({ snapToEdges: 5 }, image).crop(box);
    expect(cropped.xor(whole).area).toBeLessThanOrEqual(2);
  });
});

describe("decontaminate", () => {
  it("finds the object's own colours under a known alpha", () => {
    for (const kind of ["sharp", "blurred", "hairy"] as const) {
      const { image, truth, foreground } = scene(kind);
      const error = (picture: RgbaImage) => {
        let sum = 0;
        let count = 0;
        truth.gray.forEach((alpha, pixel) => {
          if (alpha < 40 || alpha > 220) return;
          for (let channel = 0; channel < 3; channel++) {
            sum += Math.abs(picture.data[pixel * 4 + channel]! / 255 - foreground[pixel * 3 + channel]!);
            count++;
          }
        });
        return sum / count;
      };
      expect(error(decontaminate(image, truth))).toBeLessThan(0.25 * error(image));
    }
  });

  it("leaves sure pixels and the picture's own alpha as they were", () => {
    const { image, truth } = scene("sharp");
    const before = image.data.slice();
    const { data } = decontaminate(image, truth);
    expect(equalBytes(image.data, before)).toBe(true);
    const changed = truth.gray.map((alpha, pixel) => {
      const colors = [0, 1, 2].some((channel) => data[pixel * 4 + channel] !== before[pixel * 4 + channel]);
      return data[pixel * 4 + 3] !== 255 || (colors && (alpha === 0 || alpha === 255)) ? 1 : 0;
    });
    expect(changed.includes(1)).toBe(false);
  });

  it("refuses planes of another size", () => {
    const { image } = scene("sharp");
    expectInvalidInput(() => decontaminate(image, { width: 2, height: 2, gray: new Uint8Array(4) }), "alpha");
    expectInvalidInput(
      () => decontaminate({ ...image, width: 1 }, { width: 1, height: HEIGHT, gray: new Uint8Array(HEIGHT) }),
      "image.data",
    );
  });
});

describe("Mask.refine", () => {
  const { image } = scene("sharp");
  const mask = coarseMask(scene("sharp"));

  it("takes sizes as pixels or as a share of the object", () => {
    const side = Math.sqrt(mask.area);
    expect(mask.refine({ grow: { fraction: 0.05 } }).runs).toEqual(mask.refine({ grow: 0.05 * side }).runs);
    expect(mask.refine({ grow: { pixels: 3 } }).runs).toEqual(mask.refine({ grow: 3 }).runs);
    const speck = mask.union(drawMask(WIDTH, HEIGHT, (x, y) => x < 4 && y < 4));
    expect(speck.refine({ dropSpecks: { fraction: 17 / speck.area } }).runs).toEqual(mask.runs);
    expect(speck.refine({ dropSpecks: { fraction: 15 / speck.area } }).runs).toEqual(speck.runs);
  });

  it("keeps score and logits while no pixel changes, and soft results beside the mask", () => {
    const scored = mask.with({ score: 0.9 });
    const soft = scored.refine({ feather: 3, decontaminate: true }, image);
    expect(soft).toMatchObject({ score: 0.9, logits: mask.logits });
    expect(equalBytes(soft.alpha?.gray, featherAlpha(mask, 3).gray)).toBe(true);
    expect(equalBytes(soft.foreground?.data, decontaminate(image, soft.alpha!).data)).toBe(true);
    // A later step without a soft one of its own works on the soft edge there is.
    const later = scored.refine({ feather: 3 }).refine({ decontaminate: true }, image);
    expect(equalBytes(later.foreground?.data, soft.foreground!.data)).toBe(true);
    expect(scored.refine({ grow: 2 })).toMatchObject({
      score: undefined,
      logits: undefined,
      alpha: undefined,
    });
  });

  it("works on empty, full and one-pixel masks", () => {
    const options = {
      fillHoles: true,
      dropSpecks: 3,
      close: 2,
      open: 1,
      smooth: 2,
      grow: 1,
      shrink: 1,
      snapToEdges: true,
      matte: true,
      decontaminate: true,
    };
    for (const [width, height] of [
      [1, 1],
      [7, 1],
      [1, 9],
      [12, 5],
    ] as const) {
      const picture = { width, height, data: new Uint8Array(width * height * 4).fill(90) };
      expect(Mask.empty(width, height).refine(options, picture).isEmpty).toBe(true);
      expect(Mask.full(width, height).refine(options, picture).area).toBe(width * height);
      expect(drawMask(width, height, (x, y) => x + y === 0).refine(options, picture).width).toBe(width);
    }
  });

  it("names what is wrong", () => {
    const attempt = (options: unknown, picture?: RgbaImage) => () => mask.refine(options as never, picture);
    expectInvalidInput(attempt({ blur: 3 }), "refine.blur");
    expectInvalidInput(attempt({ grow: -1 }), "refine.grow");
    expectInvalidInput(attempt({ grow: Number.NaN }), "refine.grow");
    expectInvalidInput(attempt({ grow: true }), "refine.grow");
    expectInvalidInput(attempt({ feather: 2, matte: true }, image), "refine.feather");
    expectInvalidInput(attempt({ matte: true }), "image");
    expectInvalidInput(
      attempt({ snapToEdges: 3 }, { width: 2, height: 2, data: new Uint8Array(16) }),
      "image",
    );
    expectInvalidInput(attempt(undefined), "refine");
  });
});

describe("guided filter", () => {
  it("box sums equal slow sums", () => {
    const side = fc.integer({ min: 1, max: 12 });
    fc.assert(
      fc.property(side, side, fc.nat(15), fc.nat(), (width, height, radius, seed) => {
        const random = randomNumbers(seed);
        const plane = Float32Array.from({ length: width * height }, random);
        const sums = boxSum(plane, width, height, radius);
        for (let y = 0; y < height; y++)
          for (let x = 0; x < width; x++) {
            let sum = 0;
            for (let row = Math.max(0, y - radius); row <= Math.min(height - 1, y + radius); row++)
              for (let column = Math.max(0, x - radius); column <= Math.min(width - 1, x + radius); column++)
                sum += plane[row * width + column]!;
            expect(sums[y * width + x]).toBeCloseTo(sum, 3);
          }
      }),
    );
  });

  it("reproduces any plane that is linear in colour, whatever the weights", () => {
    const random = randomNumbers(9);
    const pixels = 40 * 30;
    const channel = () => Float32Array.from({ length: pixels }, random);
    const guide = { width: 40, height: 30, red: channel(), green: channel(), blue: channel() };
    const plane = guide.red.map(
      (red, pixel) => 0.3 * red - 0.5 * guide.green[pixel]! + 0.2 * guide.blue[pixel]! + 0.4,
    );
    const result = guidedFilter(guide, plane, channel(), { radius: 4, epsilon: 1e-7 });
    result.forEach((value, pixel) => {
      expect(value).toBeCloseTo(plane[pixel]!, 3);
    });
  });

  it("with a flat guide is a double box mean", () => {
    const flat = new Float32Array(20 * 20).fill(0.5);
    const plane = Float32Array.from({ length: 400 }, randomNumbers(2));
    const ones = new Float32Array(400).fill(1);
    const result = guidedFilter({ width: 20, height: 20, red: flat, green: flat, blue: flat }, plane, ones, {
      radius: 2,
      epsilon: 0.01,
    });
    const sums = boxSum(boxSum(plane, 20, 20, 2), 20, 20, 2);
    expect(result[10 * 20 + 10]).toBeCloseTo(sums[10 * 20 + 10]! / 625, 4);
  });
});
