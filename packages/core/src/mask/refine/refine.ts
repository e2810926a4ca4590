import { invalidInput } from "../../errors.js";
import { checkRgbaImage, type GrayImage, type ImageSize, type RgbaImage } from "../../image/rgba-image.js";
import { bitmapFromRuns, runsFromBitmap } from "../bitmap.js";
import { featherRuns } from "../feather.js";
import { type Runs, runsArea } from "../runs.js";
import { decontaminate } from "./foreground-colors.js";
import { dropSpecks, fillHoles } from "./holes-and-specks.js";
import { majorityInDisc } from "./majority-filter.js";
import { matteFromMask } from "./matte.js";
import { closeByDisc, dilateByDisc, erodeByDisc, openByDisc } from "./morphology.js";
import { type PixelLength, parseRefineOptions, type RefineOptions } from "./refine-options.js";
import { snapToEdges } from "./snap-to-edges.js";

/** Reach of the image-aware steps when they are only switched on, as a share of the object's size. */
const DEFAULT_REACH_FRACTION = 0.02;
const MIN_DEFAULT_REACH_PIXELS = 4;
/** Alpha from which a pixel of a soft result belongs to the mask. */
const HALF_ALPHA = 128;

export interface RefinedPixels {
  readonly runs: Runs;
  readonly alpha?: GrayImage;
  readonly foreground?: RgbaImage;
}

/** What a refinement starts from: a mask, seen as data. */
export interface RefinedFrom extends ImageSize {
  readonly runs: Runs;
  readonly alpha: GrayImage | undefined;
}

/** The steps of `Mask.refine`, in their fixed order. See there. */
export function refine(mask: RefinedFrom, input: RefineOptions, image?: RgbaImage): RefinedPixels {
  const options = parseRefineOptions(input);
  const picture = pictureFor(mask, options, image);
  const { width, height } = mask;
  const area = runsArea(mask.runs);
  const length = (size: PixelLength) => inPixels(size, Math.sqrt(area));
  const reach = (size: true | PixelLength) =>
    size === true
      ? Math.max(MIN_DEFAULT_REACH_PIXELS, DEFAULT_REACH_FRACTION * Math.sqrt(area))
      : length(size);

  let runs = mask.runs;
  const { fillHoles: holes, dropSpecks: specks, snapToEdges: snap, matte, feather } = options;
  if (isOn(holes))
    runs = fillHoles(runs, width, height, holes === true ? Number.POSITIVE_INFINITY : inPixels(holes, area));
  if (specks !== undefined) runs = dropSpecks(runs, width, height, inPixels(specks, area));
  if (options.close !== undefined) runs = closeByDisc(runs, width, height, length(options.close));
  if (options.open !== undefined) runs = openByDisc(runs, width, height, length(options.open));
  if (options.smooth !== undefined) runs = majorityInDisc(runs, width, height, length(options.smooth));
  if (options.grow !== undefined) runs = dilateByDisc(runs, width, height, length(options.grow));
  if (options.shrink !== undefined) runs = erodeByDisc(runs, width, height, length(options.shrink));
  if (picture && isOn(snap)) runs = snapToEdges(runs, picture, reach(snap));

  // A soft edge made earlier stays as long as no step moves the outline.
  let alpha = runs === mask.runs ? mask.alpha : undefined;
  if (picture && isOn(matte)) {
    alpha = matteFromMask(runs, picture, reach(matte));
    runs = runsFromBitmap(alpha.gray, width, height, HALF_ALPHA);
  } else if (feather !== undefined) {
    alpha = featherRuns(runs, width, height, length(feather));
  }
  if (!picture || !options.decontaminate) return alpha ? { runs, alpha } : { runs };
  alpha ??= { width, height, gray: bitmapFromRuns(runs, width, height, 255) };
  return { runs, alpha, foreground: decontaminate(picture, alpha) };
}

function isOn<T>(option: T | false | undefined): option is T {
  return option !== undefined && option !== false;
}

function inPixels(size: PixelLength, whole: number): number {
  if (typeof size === "number") return size;
  return "pixels" in size ? size.pixels : size.fraction * whole;
}

/** The picture when some step needs one, checked. */
function pictureFor(
  { width, height }: ImageSize,
  options: RefineOptions,
  image: RgbaImage | undefined,
): RgbaImage | undefined {
  if (isOn(options.matte) && options.feather !== undefined) {
    throw invalidInput("refine.feather", "no feather together with matte", options.feather);
  }
  const step = (["snapToEdges", "matte", "decontaminate"] as const).find((name) => isOn(options[name]));
  if (!step) return undefined;
  if (!image) throw invalidInput("image", `the picture, which refine.${step} needs`, image);
  checkRgbaImage(image);
  if (image.width === width && image.height === height) return image;
  throw invalidInput(
    "image",
    `a picture of ${width} × ${height}, as the mask`,
    `${image.width} × ${image.height}`,
  );
}
