import type { ImageSize } from "../../image/rgba-image.js";
import type { LogitsPlane } from "../../mask/logits-plane.js";

/** Where the pixels of one axis lie between the samples of a plane. Cell i reaches from sample i to sample i + 1. */
export interface LatticeAxis {
  /** Samples of the plane along this axis. */
  readonly samples: number;
  /** Samples that belong to the picture; those beyond are padding of the model's frame. */
  readonly pictureSamples: number;
  /** Cells that hold pixels are 0 up to `cells`. */
  readonly cells: number;
  /** Plane samples per pixel. */
  readonly scale: number;
  readonly pixelsPerSample: number;
  /** Position of each pixel in its cell, 0..1. */
  readonly fraction: Float64Array;
  /** First pixel of each cell, and the number of pixels at the end: `cells + 1` values. */
  readonly firstPixel: Int32Array;
}

/** The pixels of a picture over a plane of logits, as `LogitsPlane` lays them out. Worked out once for all planes of a size. */
export interface PixelLattice {
  readonly columns: LatticeAxis;
  readonly rows: LatticeAxis;
}

/** @param picture - The picture that the plane is about, or the crop. */
export function pixelLattice(plane: Omit<LogitsPlane, "data">, picture: ImageSize): PixelLattice {
  return {
    columns: latticeAxis(plane.width, plane.scaleX, picture.width),
    rows: latticeAxis(plane.height, plane.scaleY, picture.height),
  };
}

function latticeAxis(samples: number, scale: number, pixels: number): LatticeAxis {
  const fraction = new Float64Array(pixels);
  const cellOf = new Int32Array(pixels);
  const lastCell = Math.max(0, samples - 2);
  for (let pixel = 0; pixel < pixels; pixel++) {
    const position = Math.min(samples - 1, Math.max(0, (pixel + 0.5) * scale - 0.5));
    const cell = Math.min(lastCell, Math.floor(position));
    cellOf[pixel] = cell;
    fraction[pixel] = position - cell;
  }
  const cells = cellOf[pixels - 1]! + 1;
  const firstPixel = new Int32Array(cells + 1).fill(pixels);
  for (let pixel = pixels - 1; pixel >= 0; pixel--) firstPixel[cellOf[pixel]!] = pixel;
  // Cells without pixels begin where the next one does.
  for (let cell = cells - 1; cell >= 0; cell--)
    firstPixel[cell] = Math.min(firstPixel[cell]!, firstPixel[cell + 1]!);
  // The product is a whole number in stretched frames; rounding must not add a sample.
  const pictureSamples = Math.min(samples, Math.ceil(pixels * scale - 1e-6));
  return { samples, pictureSamples, cells, scale, pixelsPerSample: 1 / scale, fraction, firstPixel };
}

/** Whether a lattice made for `plane` serves another plane too. */
export function latticeFits(lattice: PixelLattice, plane: Omit<LogitsPlane, "data">): boolean {
  const { columns, rows } = lattice;
  return (
    columns.samples === plane.width &&
    rows.samples === plane.height &&
    columns.scale === plane.scaleX &&
    rows.scale === plane.scaleY
  );
}
