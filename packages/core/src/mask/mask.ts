import type { ImageOutput } from "../backend/platform.js";
import type { CallOptions } from "../cancellation.js";
import { invalidInput, MaskeryError } from "../errors.js";
import type { GrayImage, ImageSize, RgbaImage } from "../image/rgba-image.js";
import { bitmapFromRuns, runsFromBitmap } from "./bitmap.js";
import { boundaryF1, boundaryIou, defaultBoundaryTolerance } from "./boundary-metrics.js";
import {
  type CocoRle,
  compressRuns,
  decompressCounts,
  normalizeCounts,
  type UncompressedRle,
} from "./coco-rle.js";
import { type Connectivity, splitComponents } from "./components.js";
import { polygonsFromRuns } from "./contours.js";
import { polygonsFromLogits } from "./contours-from-logits.js";
import { type DistanceTransformOptions, distanceTransform } from "./distance-plane.js";
import {
  type CocoAnnotation,
  type CocoAnnotationOptions,
  cocoAnnotationFromMask,
} from "./format/coco-annotation.js";
import { type MaskFileOptions, maskFileBytes } from "./format/mask-file.js";
import { type GeoJsonFeature, type GeoJsonFeatureOptions, geoJsonFromMask } from "./format/write-geojson.js";
import { maskToPng, maskToWebp } from "./format/write-mask-image.js";
import { gzipMask } from "./format/write-packed-mask.js";
import {
  type SvgOptions,
  type SvgPathOptions,
  svgFromMask,
  svgPathFromMask,
} from "./format/write-svg-path.js";
import type { LogitsPlane } from "./logits-plane.js";
import type { Polygon } from "./polygon.js";
import { type FillRule, type PolygonInput, runsFromPolygons } from "./rasterize-polygons.js";
import { refine } from "./refine/refine.js";
import type { RefineOptions } from "./refine/refine-options.js";
import { resizeRuns } from "./resize-runs.js";
import {
  combineManyRuns,
  combineRuns,
  invertRuns,
  type MaskOperation,
  maskOperations,
} from "./run-algebra.js";
import {
  copyBox,
  flipRunsHorizontally,
  flipRunsVertically,
  translateRuns,
  turnRunsClockwise,
  turnRunsUpsideDown,
} from "./run-transforms.js";
import {
  type BoundingBox,
  type Runs,
  runsArea,
  runsBoundingBox,
  runsCentroid,
  runsContain,
  runsIntersectionArea,
} from "./runs.js";
import { runsFromLogits } from "./runs-from-logits.js";
import { simplifyPolygons } from "./simplify-polygons.js";
import { smoothPolygons } from "./smooth-polygons.js";
import { StoredRuns } from "./stored-runs.js";

/** What a mask may carry besides its pixels. Operations that change the pixels drop all but `output`. */
export interface MaskDetails {
  /** The model's estimate of this mask's IoU with the object, about 0..1. */
  readonly score?: number | undefined;
  /** The low-resolution scores it was cut from, for soft edges and for refinement by another prompt. */
  readonly logits?: LogitsPlane | undefined;
  /** A soft edge that `refine` made: how much of each pixel the object covers, 0..255. */
  readonly alpha?: GrayImage | undefined;
  /** The picture with the object's own colours at soft edges, made by `refine` with `decontaminate`. */
  readonly foreground?: RgbaImage | undefined;
  /** How `toPng` and `toFile` reach a codec and a disk. */
  readonly output?: ImageOutput | undefined;
}

/** How `contours` draws its lines. */
export interface ContourOptions {
  /** Cut from the mask's logits instead of along pixel edges: smooth lines, corners between pixels. Default false. */
  readonly subpixel?: boolean;
  /** Drops vertices as long as the line moves no further than this. Default 0 keeps every corner. */
  readonly tolerancePixels?: number;
  /** Rounds of corner cutting, 0 to 8. Default 0. */
  readonly smoothIterations?: number;
}

/**
 * An immutable set of pixels of a picture, `[height, width]`, kept as column-major run lengths: small, quick to compare
 * and to combine. A bitmap exists only when one is asked for.
 */
export class Mask {
  readonly width: number;
  readonly height: number;
  readonly score: number | undefined;
  readonly logits: LogitsPlane | undefined;
  /** A soft edge, 0..255, `[height, width]`; undefined when the edge is hard. */
  readonly alpha: GrayImage | undefined;
  /** The picture without colour halo at soft edges. */
  readonly foreground: RgbaImage | undefined;
  readonly #stored: StoredRuns;
  readonly #output: ImageOutput | undefined;
  #area: number | undefined;
  #bbox: BoundingBox | undefined;

  /**
   * Takes run lengths in normal form as they are; use `fromRle` for lengths from outside.
   * @throws MaskeryError `INVALID_INPUT` for sizes that are no positive whole numbers.
   */
  constructor(width: number, height: number, runs: Runs, details: MaskDetails = {}) {
    checkSide("width", width);
    checkSide("height", height);
    this.width = width;
    this.height = height;
    this.#stored = StoredRuns.of(runs);
    this.score = details.score;
    this.logits = details.logits;
    this.alpha = details.alpha;
    this.foreground = details.foreground;
    this.#output = details.output;
  }

  /** Every pixel background. */
  static empty(width: number, height: number, details?: MaskDetails): Mask {
    return new Mask(width, height, Uint32Array.of(width * height), details);
  }

  /** Every pixel foreground. */
  static full(width: number, height: number, details?: MaskDetails): Mask {
    return new Mask(width, height, Uint32Array.of(0, width * height), details);
  }

  /**
   * Reads a row-major `[height, width]` bitmap: foreground where a value is at least `threshold` (default 1).
   * @throws MaskeryError `INVALID_INPUT` when its length is not `width * height`.
   */
  static fromBitmap(
    bitmap: ArrayLike<number>,
    width: number,
    height: number,
    options: MaskDetails & { readonly threshold?: number } = {},
  ): Mask {
    checkSide("width", width);
    checkSide("height", height);
    if (bitmap.length !== width * height) {
      throw invalidInput("bitmap", `${width * height} values (${width} × ${height})`, bitmap.length);
    }
    return new Mask(width, height, runsFromBitmap(bitmap, width, height, options.threshold ?? 1), options);
  }

  /**
   * Cuts a mask out of low-resolution scores at the size of the picture: foreground where the bilinear value exceeds
   * `threshold` (default 0). The mask keeps the plane.
   */
  static fromLogits(
    logits: LogitsPlane,
    width: number,
    height: number,
    options: MaskDetails & { readonly threshold?: number } = {},
  ): Mask {
    return new Mask(width, height, runsFromLogits(logits, width, height, options.threshold ?? 0), {
      ...options,
      logits,
    });
  }

  /**
   * Reads COCO run lengths, compressed or not.
   * @throws MaskeryError `INVALID_INPUT` when the string is broken or the lengths do not fill `size`.
   */
  static fromRle(rle: CocoRle | UncompressedRle, details?: MaskDetails): Mask {
    const size: unknown = (rle as Partial<CocoRle> | null | undefined)?.size;
    if (!Array.isArray(size) || size.length !== 2) throw invalidInput("rle.size", "[height, width]", size);
    const [height, width] = size as [number, number];
    checkSide("rle.size[0]", height);
    checkSide("rle.size[1]", width);
    const counts: unknown = rle.counts;
    if (typeof counts !== "string" && !Array.isArray(counts) && !ArrayBuffer.isView(counts)) {
      throw invalidInput("rle.counts", "a COCO string or a list of lengths", counts);
    }
    const lengths =
      typeof counts === "string" ? decompressCounts(counts, "rle.counts") : (counts as readonly number[]);
    return new Mask(width, height, normalizeCounts(lengths, width, height, "rle.counts"), details);
  }

  /**
   * Fills polygons: foreground where a pixel's centre lies inside. The exact inverse of `contours()` without options.
   * Overlapping polygons are united and holes taken out; `rule: "even-odd"` counts rings instead.
   * @param polygons - In edge coordinates (see `Vertex`); what lies beyond the picture is cut.
   * @throws MaskeryError `INVALID_INPUT` naming the vertex, for example `polygons[0].outer[2].x`.
   */
  static fromPolygons(
    polygons: readonly PolygonInput[],
    width: number,
    height: number,
    options: MaskDetails & { readonly rule?: FillRule } = {},
  ): Mask {
    checkSide("width", width);
    checkSide("height", height);
    return new Mask(width, height, runsFromPolygons(polygons, width, height, options.rule), options);
  }

  /** Hardens a soft mask: foreground where alpha is at least `threshold` (default 128). The mask keeps the alpha plane. */
  static fromAlpha(alpha: GrayImage, options: MaskDetails & { readonly threshold?: number } = {}): Mask {
    return Mask.fromBitmap(alpha.gray, alpha.width, alpha.height, {
      ...options,
      alpha,
      threshold: options.threshold ?? 128,
    });
  }

  /**
   * Everything that any of the masks holds. The same as `combine(masks, "union")`.
   * @throws MaskeryError `INVALID_INPUT` for no masks, or masks of different sizes.
   */
  static merge(masks: Iterable<Mask>): Mask {
    return Mask.combine(masks, "union");
  }

  /**
   * Makes one mask of many. `subtract` takes all others from the first; `xor` keeps pixels in an odd number of masks.
   * @throws MaskeryError `INVALID_INPUT` for no masks, masks of different sizes, or an unknown operation.
   */
  static combine(masks: Iterable<Mask>, operation: MaskOperation): Mask {
    const list = [...masks];
    const first = list[0];
    if (!first) throw invalidInput("masks", "at least one mask", list);
    if (!maskOperations.includes(operation))
      throw invalidInput("operation", maskOperations.join(", "), operation);
    list.forEach((mask, index) => {
      first.#checkSameSize(mask, `masks[${index}]`);
    });
    const runs = combineManyRuns(
      list.map((mask) => mask.runs),
      operation,
      first.width * first.height,
    );
    return first.#derive(runs);
  }

  /** The run lengths themselves. Do not write to them. Long lists are kept packed and unpacked here when needed. */
  get runs(): Runs {
    return this.#stored.runs;
  }

  /** Foreground pixels. */
  get area(): number {
    this.#area ??= runsArea(this.runs);
    return this.#area;
  }

  /** The smallest box around the foreground; `width` and `height` count pixels. All zeros for an empty mask. */
  get bbox(): BoundingBox {
    this.#bbox ??= runsBoundingBox(this.runs, this.height);
    return this.#bbox;
  }

  get isEmpty(): boolean {
    return this.runs.length === 1;
  }

  /** Mean of the foreground's pixel centres, in pixels; undefined for an empty mask. May lie outside the mask. */
  get centroid(): { readonly x: number; readonly y: number } | undefined {
    return runsCentroid(this.runs, this.height);
  }

  /** Whether the pixel in column `x` and row `y` is foreground; false beyond the picture. */
  contains(x: number, y: number): boolean {
    const column = Math.round(x);
    const row = Math.round(y);
    if (column < 0 || row < 0 || column >= this.width || row >= this.height) return false;
    return runsContain(this.runs, column * this.height + row);
  }

  /**
   * Intersection over union, 0..1. Two empty masks agree fully: 1.
   * @throws MaskeryError `INVALID_INPUT` when the sizes differ.
   */
  iou(other: Mask): number {
    this.#checkSameSize(other);
    const intersection = runsIntersectionArea(this.runs, other.runs);
    const union = this.area + other.area - intersection;
    return union === 0 ? 1 : intersection / union;
  }

  /**
   * How well two outlines agree: DAVIS' boundary F-measure, 0..1. Two masks without a boundary agree fully: 1.
   * @param options.tolerancePixels - How far apart outlines may lie. Default: 0.008 of the picture's diagonal, rounded up.
   * @throws MaskeryError `INVALID_INPUT` when the sizes differ or the tolerance is negative.
   */
  boundaryF1(other: Mask, options: { readonly tolerancePixels?: number } = {}): number {
    this.#checkSameSize(other);
    const tolerance = options.tolerancePixels ?? defaultBoundaryTolerance(this);
    if (!(Number.isFinite(tolerance) && tolerance >= 0)) {
      throw invalidInput("tolerancePixels", "a number of pixels, 0 or more", tolerance);
    }
    return boundaryF1(this.runs, other.runs, this, tolerance);
  }

  /**
   * IoU of the inner bands along both outlines, 0.02 of the picture's diagonal wide: stricter than `iou` for large objects.
   * @throws MaskeryError `INVALID_INPUT` when the sizes differ.
   */
  boundaryIou(other: Mask): number {
    this.#checkSameSize(other);
    return boundaryIou(this.runs, other.runs, this);
  }

  /** Pixels of either mask. @throws MaskeryError `INVALID_INPUT` when the sizes differ; so do the next three. */
  union(other: Mask): Mask {
    return this.#combineWith(other, "union");
  }

  /** Pixels of both masks. */
  intersect(other: Mask): Mask {
    return this.#combineWith(other, "intersect");
  }

  /** Pixels of this mask that the other lacks. */
  subtract(other: Mask): Mask {
    return this.#combineWith(other, "subtract");
  }

  /** Pixels of exactly one of the masks. */
  xor(other: Mask): Mask {
    return this.#combineWith(other, "xor");
  }

  /** Foreground and background exchanged. */
  invert(): Mask {
    return this.#derive(invertRuns(this.runs));
  }

  /** Moves the pixels; what leaves the picture is lost. @throws MaskeryError `INVALID_INPUT` unless whole pixels. */
  translate(columns: number, rows: number): Mask {
    checkInteger("columns", columns);
    checkInteger("rows", rows);
    return this.#derive(translateRuns(this.runs, this.width, this.height, columns, rows));
  }

  /**
   * Cuts out a box; the result has its size. A box may reach beyond the picture: there is background.
   * @throws MaskeryError `INVALID_INPUT` unless the box is in whole pixels and holds some.
   */
  crop(box: BoundingBox): Mask {
    checkInteger("box.x", box.x);
    checkInteger("box.y", box.y);
    checkSide("box.width", box.width);
    checkSide("box.height", box.height);
    return this.#derive(copyBox(this.runs, this.width, this.height, box), box);
  }

  /**
   * Scales to another size by area: foreground where the mask covers at least half of the new pixel. Logits are not used;
   * for a smooth enlargement cut them again with `Mask.fromLogits`.
   * @throws MaskeryError `INVALID_INPUT` for sizes that are no positive whole numbers.
   */
  resize(width: number, height: number): Mask {
    checkSide("width", width);
    checkSide("height", height);
    return this.#derive(resizeRuns(this.runs, this.width, this.height, width, height), { width, height });
  }

  /** Mirrors: `horizontal` exchanges left and right, `vertical` top and bottom. */
  flip(axis: "horizontal" | "vertical"): Mask {
    if (axis !== "horizontal" && axis !== "vertical")
      throw invalidInput("axis", '"horizontal" or "vertical"', axis);
    const flipped = axis === "horizontal" ? flipRunsHorizontally : flipRunsVertically;
    return this.#derive(flipped(this.runs, this.width, this.height));
  }

  /**
   * Turns by quarter turns as seen on screen, clockwise; negative numbers turn the other way. Odd turns exchange the sides.
   * @throws MaskeryError `INVALID_INPUT` unless `turns` is a whole number.
   */
  rotate90(turns = 1): Mask {
    checkInteger("turns", turns);
    const { width, height } = this;
    const clockwise = ((turns % 4) + 4) % 4;
    const runs = clockwise >= 2 ? turnRunsUpsideDown(this.runs) : this.runs;
    if (clockwise % 2 === 0) return this.#derive(runs);
    return this.#derive(turnRunsClockwise(runs, width, height), { width: height, height: width });
  }

  /**
   * The connected pieces, largest first. With 8 (the default) pixels that meet in a corner are connected, with 4 only those
   * that share an edge.
   */
  components(options: { readonly connectivity?: Connectivity } = {}): Mask[] {
    const connectivity = options.connectivity ?? 8;
    if (connectivity !== 4 && connectivity !== 8) throw invalidInput("connectivity", "4 or 8", connectivity);
    return splitComponents(this.runs, this.width, this.height, connectivity).map((runs) =>
      this.#derive(runs),
    );
  }

  /**
   * Exact Euclidean distance in pixels from each pixel of one side to the nearest pixel of the other, centre to centre;
   * 0 on the other side. `Infinity` where the other side has no pixel.
   * @returns Row-major `[height, width]`.
   * @throws MaskeryError `INVALID_INPUT` for an unknown option.
   */
  distanceTransform(options: DistanceTransformOptions = {}): Float32Array {
    return distanceTransform(this.runs, this.width, this.height, options);
  }

  /**
   * The outline as polygons with holes, in edge coordinates (see `Vertex`): as seen on screen, outer rings run
   * counter-clockwise and holes clockwise. By default it follows pixel edges exactly, one polygon for each piece of pixels
   * that share edges, and `Mask.fromPolygons` gives the mask back.
   * @throws MaskeryError `INVALID_INPUT` for `subpixel` on a mask without logits, or a bad tolerance or iteration count.
   */
  contours(options: ContourOptions = {}): Polygon[] {
    if (options.subpixel && !this.logits)
      throw invalidInput("subpixel", "a mask that carries its logits", this.logits);
    let polygons =
      options.subpixel && this.logits
        ? polygonsFromLogits(this.logits, this.width, this.height)
        : polygonsFromRuns(this.runs, this.width, this.height);
    if (options.tolerancePixels !== undefined)
      polygons = simplifyPolygons(polygons, { tolerancePixels: options.tolerancePixels });
    if (options.smoothIterations !== undefined)
      polygons = smoothPolygons(polygons, { iterations: options.smoothIterations });
    return polygons;
  }

  /**
   * Repairs and softens the mask, in a fixed order whatever the order of the options: `fillHoles`, `dropSpecks`, `close`,
   * `open`, `smooth`, `grow`, `shrink`, `snapToEdges`, then `matte` or `feather`, then `decontaminate`. Soft steps leave
   * their result in `alpha` and `foreground` of the new mask; its pixels are those with alpha of at least 128. Score and
   * logits stay when no step changed a pixel.
   * @param image - The picture; needed by `snapToEdges`, `matte` and `decontaminate`.
   * @throws MaskeryError `INVALID_INPUT` naming the option or the picture.
   */
  refine(options: RefineOptions, image?: RgbaImage): Mask {
    const { runs, ...soft } = refine(this, options, image);
    const details = { ...soft, output: this.#output };
    if (runs !== this.runs) return new Mask(this.width, this.height, runs, details);
    return new Mask(this.width, this.height, runs, { ...details, score: this.score, logits: this.logits });
  }

  /** A new row-major `[height, width]` bitmap, 1 inside and 0 outside, or `foreground` inside. */
  toBitmap(foreground = 1): Uint8Array {
    return bitmapFromRuns(this.runs, this.width, this.height, foreground);
  }

  /** A gray picture, 255 inside and 0 outside. */
  toGrayImage(): GrayImage {
    return { width: this.width, height: this.height, gray: this.toBitmap(255) };
  }

  /** COCO's uncompressed run lengths. */
  toRle(): UncompressedRle {
    return { size: [this.height, this.width], counts: Array.from(this.runs) };
  }

  /** COCO's compressed run lengths, equal to what pycocotools writes. */
  toCocoRle(): CocoRle {
    return { size: [this.height, this.width], counts: compressRuns(this.runs) };
  }

  /** The outline as the `d` of an SVG path, for both fill rules. @throws MaskeryError as `contours`. */
  toSvgPath(options?: SvgPathOptions): string {
    return svgPathFromMask(this, options);
  }

  /** A whole SVG document of the picture's size. @throws MaskeryError as `contours`. */
  toSvg(options?: SvgOptions): string {
    return svgFromMask(this, options);
  }

  /** A GeoJSON feature in pixel coordinates. @throws MaskeryError as `contours`. */
  toGeoJson(options?: GeoJsonFeatureOptions): GeoJsonFeature {
    return geoJsonFromMask(this, options);
  }

  /** A COCO annotation: polygons, or run lengths where the mask has a hole. @throws MaskeryError `INVALID_INPUT`. */
  toCocoAnnotation(options: CocoAnnotationOptions): CocoAnnotation {
    return cocoAnnotationFromMask(this, options);
  }

  /** Packed bits, gzipped: small on the wire. `gunzipMask` reads it. @throws MaskeryError `ABORTED`. */
  toGzip(options?: CallOptions): Promise<Uint8Array> {
    return gzipMask(this, options);
  }

  /** Encodes a gray PNG, 255 inside and 0 outside. @throws MaskeryError `INVALID_INPUT` for a mask without a codec. */
  toPng(options: MaskFileOptions = {}): Promise<Uint8Array> {
    return maskToPng(this, this.#requireOutput().codec, options);
  }

  /** Encodes a white WebP with the mask as alpha. @throws MaskeryError `INVALID_INPUT` for a mask without a codec. */
  toWebp(options: CallOptions = {}): Promise<Uint8Array> {
    return maskToWebp(this, this.#requireOutput().codec, options);
  }

  /**
   * Writes a file, whole or not at all: `.png`, `.webp`, `.svg`, `.json` (COCO run lengths) or `.geojson`.
   * @throws MaskeryError `STORAGE_FAILED`; `UNSUPPORTED_FORMAT` for another extension; `INVALID_INPUT` for a mask without a
   * codec; `ABORTED`.
   */
  async toFile(path: string, options: MaskFileOptions = {}): Promise<void> {
    const { codec, writeFile } = this.#requireOutput();
    if (!writeFile)
      throw new MaskeryError("STORAGE_FAILED", "toFile: there is no file system here; use toPng()");
    await writeFile(path, await maskFileBytes(this, path, codec, options), options);
  }

  /** The same pixels with other details. */
  with(details: MaskDetails): Mask {
    return new Mask(this.width, this.height, this.runs, {
      score: this.score,
      logits: this.logits,
      alpha: this.alpha,
      foreground: this.foreground,
      output: this.#output,
      ...details,
    });
  }

  #requireOutput(): ImageOutput {
    if (this.#output) return this.#output;
    throw invalidInput(
      "mask",
      "a mask made by a segmenter, or mask.with({ output })",
      "a mask without a codec",
    );
  }

  /** A mask of other pixels: what described the old ones is dropped. */
  #derive(runs: Runs, size: ImageSize = this): Mask {
    return new Mask(size.width, size.height, runs, { output: this.#output });
  }

  #combineWith(other: Mask, operation: MaskOperation): Mask {
    this.#checkSameSize(other);
    return this.#derive(combineRuns(this.runs, other.runs, operation, this.width * this.height));
  }

  #checkSameSize(other: Mask, field = "mask"): void {
    if (other?.width === this.width && other.height === this.height) return;
    const received = other instanceof Mask ? `${other.width} × ${other.height}` : other;
    throw invalidInput(field, `a mask of ${this.width} × ${this.height}`, received);
  }
}

function checkSide(field: string, length: number): void {
  if (!Number.isSafeInteger(length) || length < 1)
    throw invalidInput(field, "a positive whole number of pixels", length);
}

function checkInteger(field: string, value: number): void {
  if (!Number.isSafeInteger(value)) throw invalidInput(field, "a whole number", value);
}
