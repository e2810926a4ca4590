import { MaskeryError } from "../errors.js";
import { checkRgbaImage, type RgbaImage } from "../image/rgba-image.js";
import { decontaminate } from "../mask/alpha.js";
import type { Mask } from "../mask/mask.js";
import type { BoundingBox } from "../mask/runs.js";
import { blurPlane, blurWindow } from "./blur-image.js";
import { alphaPlane, coverageOf } from "./coverage.js";
import { type CutoutOptions, type CutoutPlan, planCutout } from "./cutout-options.js";
import { dilatedPlane } from "./dilate.js";
import { type Canvas, checkMaskFits, emptyCanvas, layOver } from "./pixels.js";
import { resizeToCover } from "./resize-image.js";

/**
 * Takes an object out of its picture. By default the result has the size of the picture and everything else is clear. A
 * mask that `refine` gave its own edge colours (`foreground`) is cut out with those.
 * @returns A new picture; `image` is not changed.
 * @throws MaskeryError `INVALID_INPUT` for a mask of another size than the picture, an empty mask with `crop`, or an
 * option out of range; `IMAGE_TOO_LARGE` for a padding that makes the result larger than 128 million pixels.
 */
export function cutout(image: RgbaImage, mask: Mask, options: CutoutOptions = {}): RgbaImage {
  return cutoutWithFrame(image, mask, options).image;
}

/** As `cutout`, and says where the result lies in the picture. */
export function cutoutWithFrame(
  image: RgbaImage,
  mask: Mask,
  options: CutoutOptions,
): { readonly image: RgbaImage; readonly frame: BoundingBox } {
  checkRgbaImage(image);
  checkMaskFits(mask, image);
  const plan = planCutout(options, mask);
  const coverage = coverageOf(mask, plan.featherPixels);
  const alpha = alphaPlane(mask, coverage);
  const colors = objectColors(image, mask, alpha, plan);
  const frame = frameOf(image, coverage.window, plan);
  const canvas = emptyCanvas(frame.width, frame.height);
  const shape = planeInFrame(alpha, image, frame);
  drawBackground(canvas, image, alpha, frame, plan);
  if (plan.shadow) drawShadow(canvas, shape, plan.shadow);
  if (plan.outline) {
    const { color, pixels } = plan.outline;
    layPlane(canvas, dilatedPlane(shape, frame.width, frame.height, pixels), color, 0, 0, 1);
  }
  drawObject(canvas, colors, shape, frame);
  return { image: canvas, frame };
}

/** The picture, or the object's own colours where the old background was taken out of soft edges, here or by `refine`. */
function objectColors(image: RgbaImage, mask: Mask, alpha: Uint8Array, plan: CutoutPlan): RgbaImage {
  // `foreground` belongs to the mask's own edge, not to one made by feathering.
  if (mask.foreground && alpha === mask.alpha?.gray) return mask.foreground;
  return plan.decontaminate
    ? decontaminate(image, { width: image.width, height: image.height, gray: alpha })
    : image;
}

/** The part of the picture that the result shows; with padding it may reach beyond the picture. */
function frameOf(image: RgbaImage, window: BoundingBox, plan: CutoutPlan): BoundingBox {
  if (!plan.crop) return { x: 0, y: 0, width: image.width, height: image.height };
  if (window.width === 0) {
    throw new MaskeryError(
      "INVALID_INPUT",
      "mask: expected a mask with at least one pixel to crop to, received an empty one",
      {
        field: "mask",
      },
    );
  }
  const { paddingPixels } = plan;
  return {
    x: window.x - paddingPixels,
    y: window.y - paddingPixels,
    width: window.width + 2 * paddingPixels,
    height: window.height + 2 * paddingPixels,
  };
}

/** The same plane seen through the frame; clear beyond the picture. */
function planeInFrame(alpha: Uint8Array, image: RgbaImage, frame: BoundingBox): Uint8Array {
  const plane = new Uint8Array(frame.width * frame.height);
  const left = Math.max(0, frame.x);
  const right = Math.min(image.width, frame.x + frame.width);
  for (let row = 0; row < frame.height; row++) {
    const y = frame.y + row;
    if (y < 0 || y >= image.height) continue;
    plane.set(
      alpha.subarray(y * image.width + left, y * image.width + right),
      row * frame.width + left - frame.x,
    );
  }
  return plane;
}

function drawBackground(
  canvas: Canvas,
  image: RgbaImage,
  alpha: Uint8Array,
  frame: BoundingBox,
  plan: CutoutPlan,
): void {
  const { background } = plan;
  if (background.kind === "color") {
    const { red, green, blue } = background.color;
    for (let offset = 0; offset < canvas.data.length; offset += 4) {
      layOver(canvas.data, offset, red, green, blue, background.color.alpha);
    }
  } else if (background.kind === "image") {
    canvas.data.set(resizeToCover(background.image, canvas).data);
  } else if (background.kind === "blur") {
    const whole = { x: 0, y: 0, width: image.width, height: image.height };
    const blurred = blurWindow(
      image,
      whole,
      background.pixels,
      alpha.map((value) => 255 - value),
    );
    for (let row = 0, target = 0; row < frame.height; row++) {
      // Beyond the picture its border pixels go on.
      const y = Math.min(image.height - 1, Math.max(0, frame.y + row));
      for (let column = 0; column < frame.width; column++, target += 4) {
        const x = Math.min(image.width - 1, Math.max(0, frame.x + column));
        const source = (y * image.width + x) * 4;
        for (let channel = 0; channel < 4; channel++)
          canvas.data[target + channel] = blurred.data[source + channel]!;
      }
    }
  }
}

function drawShadow(canvas: Canvas, shape: Uint8Array, shadow: NonNullable<CutoutPlan["shadow"]>): void {
  const { width, height } = canvas;
  const soft = shadow.blurPixels > 0 ? blurPlane(shape, width, height, shadow.blurPixels) : shape;
  layPlane(
    canvas,
    soft,
    shadow.color,
    Math.round(shadow.offsetX),
    Math.round(shadow.offsetY),
    shadow.opacity,
  );
}

/** Lays one colour over the canvas through a plane of 0..255 that is moved by whole pixels. */
function layPlane(
  canvas: Canvas,
  plane: Uint8Array | Uint8ClampedArray,
  color: { readonly red: number; readonly green: number; readonly blue: number; readonly alpha: number },
  offsetX: number,
  offsetY: number,
  opacity: number,
): void {
  const { width, height, data } = canvas;
  const strength = (color.alpha * opacity) / 255;
  for (let y = Math.max(0, offsetY); y < Math.min(height, height + offsetY); y++) {
    for (let x = Math.max(0, offsetX); x < Math.min(width, width + offsetX); x++) {
      const covered = plane[(y - offsetY) * width + x - offsetX]!;
      if (covered > 0)
        layOver(data, (y * width + x) * 4, color.red, color.green, color.blue, covered * strength);
    }
  }
}

function drawObject(canvas: Canvas, colors: RgbaImage, shape: Uint8Array, frame: BoundingBox): void {
  for (let row = 0, pixel = 0; row < frame.height; row++) {
    for (let column = 0; column < frame.width; column++, pixel++) {
      const covered = shape[pixel]!;
      if (covered === 0) continue;
      const source = ((frame.y + row) * colors.width + frame.x + column) * 4;
      const alpha = (covered * colors.data[source + 3]!) / 65025;
      layOver(
        canvas.data,
        pixel * 4,
        colors.data[source]!,
        colors.data[source + 1]!,
        colors.data[source + 2]!,
        alpha,
      );
    }
  }
}
