import type { ImageSize } from "../../image/rgba-image.js";
import type { LogitsPlane } from "../../mask/logits-plane.js";
import { boxAroundBoth, type PixelWindow } from "../../mask/window.js";
import type { Point, Prompt } from "../../prompt/prompt.js";

/** Models see nothing more in fewer pixels. */
const LEAST_SIDE_PX = 48;

/** Sides of windows lie on a grid of this share of their length, so that clicks on one object mostly share a crop. */
const GRID_SHARE = 1 / 16;

/** The part of the picture that a prompt itself says the object reaches: its box and its points of label 1. */
export function promptExtent({ points, box }: Pick<Prompt, "points" | "box">): PixelWindow {
  let extent: PixelWindow = { x: 0, y: 0, width: 0, height: 0 };
  if (box) {
    const x = Math.floor(box.x0);
    const y = Math.floor(box.y0);
    extent = { x, y, width: Math.ceil(box.x1) - x, height: Math.ceil(box.y1) - y };
  }
  for (const point of points) {
    if (point.label === 0) continue;
    extent = boxAroundBoth(extent, pixelOf(point));
  }
  return extent;
}

export function pixelOf({ x, y }: Point): PixelWindow {
  return { x: Math.floor(x), y: Math.floor(y), width: 1, height: 1 };
}

/** A search halves the picture and more at each step. */
const SEARCH_STEP = 2.5;
/** Pixels for one sample of a plane: models show about every pixel then, and closer looks show no more. */
const FINEST_PIXELS_PER_SAMPLE = 4;

/**
 * Squares around a prompt's points, each smaller than the one before, down to where the model sees every pixel.
 * @param logits - Of any mask of the model: tells how fine its planes are.
 */
export function searchWindows(
  extent: PixelWindow,
  logits: LogitsPlane | undefined,
  image: ImageSize,
): PixelWindow[] {
  const whole = Math.max(image.width, image.height);
  const finest = Math.max(
    FINEST_PIXELS_PER_SAMPLE * (logits?.width ?? 256),
    2 * Math.max(extent.width, extent.height),
  );
  const windows: PixelWindow[] = [];
  for (let side = whole / SEARCH_STEP; side >= finest / Math.sqrt(SEARCH_STEP); side /= SEARCH_STEP) {
    const length = Math.round(Math.max(side, finest));
    windows.push(windowAroundObject(extent, 0, image, length));
  }
  return windows;
}

/** An object that a window shows whole, and not so large that the window may only seem to hold it. */
export function isClosedIn(object: PixelWindow, window: PixelWindow): boolean {
  return (
    object.width > 0 &&
    object.width <= window.width / 2 &&
    object.height <= window.height / 2 &&
    object.x > window.x &&
    object.y > window.y &&
    object.x + object.width < window.x + window.width &&
    object.y + object.height < window.y + window.height
  );
}

/**
 * A square around an object, as far as the picture allows: shifted to lie inside, and cut only where it is larger than the
 * picture.
 * @param padding - Room on each side, as a share of the object's longer side.
 * @param leastSide - Of the square, in pixels.
 */
export function windowAroundObject(
  object: PixelWindow,
  padding: number,
  image: ImageSize,
  leastSide = LEAST_SIDE_PX,
): PixelWindow {
  const side = Math.max(leastSide, Math.max(object.width, object.height) * (1 + 2 * padding));
  const grid = 2 ** Math.max(0, Math.round(Math.log2(side * GRID_SHARE)));
  const across = alongAxis(object.x, object.width, side, grid, image.width);
  const down = alongAxis(object.y, object.height, side, grid, image.height);
  return { x: across.start, y: down.start, width: across.length, height: down.length };
}

function alongAxis(objectStart: number, objectLength: number, side: number, grid: number, whole: number) {
  const length = Math.min(whole, Math.ceil(side / grid) * grid + grid);
  const wanted = Math.round((objectStart + objectLength / 2 - length / 2) / grid) * grid;
  return { start: Math.max(0, Math.min(whole - length, wanted)), length };
}

/** How much larger `inner` shows things to a model than `outer`, when both are brought to the model's frame. */
export function detailGain(outer: ImageSize, inner: ImageSize): number {
  return Math.max(outer.width, outer.height) / Math.max(inner.width, inner.height);
}

export function holds(outer: PixelWindow, inner: PixelWindow): boolean {
  return (
    inner.x >= outer.x &&
    inner.y >= outer.y &&
    inner.x + inner.width <= outer.x + outer.width &&
    inner.y + inner.height <= outer.y + outer.height
  );
}

/** Whether an object touches a side of the window that is no side of the picture: then it probably goes on beyond. */
export function isCutByWindow(object: PixelWindow, window: PixelWindow, image: ImageSize): boolean {
  if (object.width === 0) return false;
  const right = window.x + window.width;
  const bottom = window.y + window.height;
  return (
    (object.x <= window.x && window.x > 0) ||
    (object.y <= window.y && window.y > 0) ||
    (object.x + object.width >= right && right < image.width) ||
    (object.y + object.height >= bottom && bottom < image.height)
  );
}
