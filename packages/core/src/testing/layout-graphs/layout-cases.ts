import type { Mask } from "../../mask/mask.js";
import type { PromptAbilities } from "../../model/layout.js";
import type { PromptObject } from "../../prompt/prompt.js";
import { type DrawnPicture, disc, drawScene, rectangle } from "./drawn-pictures.js";

/** A question about a drawn picture, with the answer that was drawn. */
export interface PromptCase {
  readonly title: string;
  readonly prompt: PromptObject;
  readonly truth: Mask;
  /** What a layout must be able to do, to be asked this. */
  readonly needs: readonly (keyof PromptAbilities)[];
}

export interface PictureCase {
  readonly title: string;
  readonly picture: DrawnPicture;
  readonly prompts: readonly PromptCase[];
}

const redDisc = disc(0.25, 0.3, 0.17);
const redBlock = rectangle(0.14, 0.6, 0.44, 0.92);
const greenDisc = disc(0.72, 0.32, 0.2);
const greenBlock = rectangle(0.54, 0.6, 0.96, 0.94);

/**
 * Two red and two green shapes. The places of the clicks are of another colour when axes are swapped, mirrored or scaled by
 * the factor of the other axis.
 */
export function fourShapes(title: string, width: number, height: number): PictureCase {
  const picture = drawScene(width, height, {
    red: [redDisc, redBlock],
    green: [greenDisc, greenBlock],
  });
  const { red, green, at, maskOf } = picture;
  const box = (left: number, top: number, right: number, bottom: number) => ({
    x0: left * width,
    y0: top * height,
    x1: right * width,
    y1: bottom * height,
  });
  const onRed = { ...at(0.2, 0.85), label: 1 } as const;
  const onGreen = { ...at(0.8, 0.22), label: 1 } as const;
  return {
    title: `${title}, ${width} × ${height}`,
    picture,
    prompts: [
      { title: "a point on red", prompt: { points: [onRed] }, truth: red, needs: ["points"] },
      { title: "a point on green", prompt: { points: [onGreen] }, truth: green, needs: ["points"] },
      {
        title: "a point on each colour",
        prompt: { points: [onRed, onGreen] },
        truth: red.union(green),
        needs: ["points"],
      },
      {
        title: "a negative point takes green away",
        prompt: { points: [onRed, onGreen, { ...at(0.65, 0.3), label: 0 }] },
        truth: red,
        needs: ["points", "negativePoints"],
      },
      {
        title: "a box around the red disc",
        prompt: { box: box(0.05, 0.1, 0.45, 0.5) },
        truth: maskOf(redDisc),
        needs: ["boxes"],
      },
      {
        title: "a box that cuts the green block",
        prompt: { box: box(0.48, 0.57, 0.85, 0.99) },
        truth: maskOf(rectangle(0.54, 0.6, 0.85, 0.94)),
        needs: ["boxes"],
      },
      {
        title: "a box over both discs, with a point on the green one",
        prompt: { points: [{ ...at(0.72, 0.4), label: 1 }], box: box(0.05, 0.1, 0.93, 0.56) },
        // The box's middle is ground, which counts too: all but red.
        truth: maskOf(rectangle(0.05, 0.1, 0.93, 0.56)).subtract(red),
        needs: ["points", "boxes"],
      },
      {
        title: "a box and a negative point",
        prompt: { points: [{ ...at(0.52, 0.2), label: 0 }, onGreen], box: box(0.5, 0.05, 0.99, 0.58) },
        truth: maskOf(greenDisc),
        needs: ["points", "boxes", "negativePoints"],
      },
    ],
  };
}

/** One red block, for pictures too small or too thin for more. */
export function oneBlock(
  title: string,
  width: number,
  height: number,
  block: readonly [left: number, top: number, right: number, bottom: number],
): PictureCase {
  const picture = drawScene(width, height, { red: [rectangle(...block)], green: [] });
  const [left, top, right, bottom] = block;
  // In a picture of few pixels SAM's rule, pixel × factor, leads to the left top corner of the clicked pixel: stay off the edge.
  const inside = picture.at(left + (right - left) * 0.6, top + (bottom - top) * 0.6);
  const outside = picture.at(right + (1 - right) * 0.6, bottom + (1 - bottom) * 0.6);
  const prompts: PromptCase[] = [
    {
      title: "a point on the block",
      prompt: { points: [{ ...inside, label: 1 }] },
      truth: picture.red,
      needs: ["points"],
    },
  ];
  if (right < 1 || bottom < 1) {
    prompts.push({
      title: "a point on the ground",
      prompt: { points: [{ ...outside, label: 1 }] },
      truth: picture.red.invert(),
      needs: ["points"],
    });
  }
  return { title: `${title}, ${width} × ${height}`, picture, prompts };
}

/** The pictures that every layout must answer. Drawn anew at each call. */
export function layoutPictures(): PictureCase[] {
  return [
    fourShapes("landscape", 300, 200),
    fourShapes("wide landscape", 640, 233),
    fourShapes("portrait", 157, 320),
    fourShapes("square", 240, 240),
    fourShapes("odd sides, enlarged", 101, 75),
    oneBlock("one pixel", 1, 1, [0, 0, 1, 1]),
    oneBlock("tiny", 7, 5, [1 / 7, 1 / 5, 4 / 7, 4 / 5]),
    oneBlock("one row", 2000, 1, [0.2, 0, 0.45, 1]),
    oneBlock("one column", 1, 2000, [0, 0.2, 1, 0.45]),
  ];
}
