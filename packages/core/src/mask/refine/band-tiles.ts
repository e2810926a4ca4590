import type { RgbaImage } from "../../image/rgba-image.js";
import type { PixelWindow } from "../window.js";
import type { ColorPlanes } from "./guided-filter.js";

/** Side of a tile without its halo: planes of a tile stay in the cache, and memory does not grow with the picture. */
const TILE_SIDE = 192;

export interface BandTile {
  /** The part that this tile answers for, in picture pixels. */
  readonly core: PixelWindow;
  /** The part that it may look at: the core and a halo around it, cut at the picture. */
  readonly view: PixelWindow;
}

/** Tiles over a window that hold at least one pixel for which `isInBand` (row-major over the window) is not 0. */
export function tilesOverBand(
  window: PixelWindow,
  isInBand: Uint8Array,
  halo: number,
  picture: { readonly width: number; readonly height: number },
): BandTile[] {
  const tiles: BandTile[] = [];
  for (let top = 0; top < window.height; top += TILE_SIDE) {
    for (let left = 0; left < window.width; left += TILE_SIDE) {
      const width = Math.min(TILE_SIDE, window.width - left);
      const height = Math.min(TILE_SIDE, window.height - top);
      if (!holdsBand(isInBand, window.width, left, top, width, height)) continue;
      const core = { x: window.x + left, y: window.y + top, width, height };
      const x = Math.max(0, core.x - halo);
      const y = Math.max(0, core.y - halo);
      const view = {
        x,
        y,
        width: Math.min(picture.width, core.x + width + halo) - x,
        height: Math.min(picture.height, core.y + height + halo) - y,
      };
      tiles.push({ core, view });
    }
  }
  return tiles;
}

function holdsBand(
  isInBand: Uint8Array,
  stride: number,
  left: number,
  top: number,
  width: number,
  height: number,
): boolean {
  for (let y = top; y < top + height; y++) {
    for (let index = y * stride + left; index < y * stride + left + width; index++)
      if (isInBand[index]) return true;
  }
  return false;
}

/** Colours of one part of a picture, 0..1; alpha is ignored. */
export function colorPlanes(image: RgbaImage, view: PixelWindow): ColorPlanes {
  const pixels = view.width * view.height;
  const red = new Float32Array(pixels);
  const green = new Float32Array(pixels);
  const blue = new Float32Array(pixels);
  for (let row = 0, target = 0; row < view.height; row++) {
    let source = ((view.y + row) * image.width + view.x) * 4;
    for (let column = 0; column < view.width; column++, target++, source += 4) {
      red[target] = image.data[source]! / 255;
      green[target] = image.data[source + 1]! / 255;
      blue[target] = image.data[source + 2]! / 255;
    }
  }
  return { width: view.width, height: view.height, red, green, blue };
}
