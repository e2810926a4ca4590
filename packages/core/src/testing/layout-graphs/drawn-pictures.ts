import type { RgbaImage } from "../../image/rgba-image.js";
import { Mask } from "../../mask/mask.js";

/** Where a shape lies, in parts of the picture's width and height: is this point inside? */
type Shape = (x: number, y: number) => boolean;

/** A scene by its shapes; where two overlap the later one lies above. They touch no other of another colour. */
export interface Scene {
  readonly red: readonly Shape[];
  readonly green: readonly Shape[];
}

export const disc =
  (centreX: number, centreY: number, radius: number): Shape =>
  (x, y) =>
    Math.hypot(x - centreX, y - centreY) <= radius;

export const rectangle =
  (left: number, top: number, right: number, bottom: number): Shape =>
  (x, y) =>
    x >= left && x < right && y >= top && y < bottom;

/** Red and green of the ground and of the shapes: 100 steps from the ground, and more from each other. */
const GROUND = [60, 60] as const;
const RED = [160, 60] as const;
const GREEN = [60, 160] as const;
/** The graphs are blind to blue; a host that swaps channels sees stripes instead of shapes. */
const BLUE_STRIPES = [20, 230] as const;
const STRIPES = 8;

export interface DrawnPicture {
  readonly image: RgbaImage;
  /** Where each colour is. */
  readonly red: Mask;
  readonly green: Mask;
  /** The pixels of one shape or several. */
  maskOf(...shapes: readonly Shape[]): Mask;
  /** The pixel at this place in parts of width and height. */
  at(x: number, y: number): { readonly x: number; readonly y: number };
}

export function drawScene(width: number, height: number, scene: Scene): DrawnPicture {
  const maskOf = (...shapes: readonly Shape[]): Mask => {
    const bitmap = new Uint8Array(width * height);
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        const inside = shapes.some((shape) => shape((x + 0.5) / width, (y + 0.5) / height));
        if (inside) bitmap[y * width + x] = 1;
      }
    }
    return Mask.fromBitmap(bitmap, width, height);
  };
  const red = maskOf(...scene.red);
  const green = maskOf(...scene.green);
  const redPixels = red.toBitmap();
  const greenPixels = green.toBitmap();
  const data = new Uint8Array(width * height * 4);
  for (let index = 0; index < width * height; index++) {
    const stripe = Math.floor(((index % width) * STRIPES) / width) % 2;
    const colour = greenPixels[index] ? GREEN : redPixels[index] ? RED : GROUND;
    data.set([...colour, BLUE_STRIPES[stripe]!, 255], index * 4);
  }
  return {
    image: { width, height, data },
    red: red.subtract(green),
    green,
    maskOf,
    at: (x, y) => ({
      x: Math.min(width - 1, Math.floor(x * width)),
      y: Math.min(height - 1, Math.floor(y * height)),
    }),
  };
}
