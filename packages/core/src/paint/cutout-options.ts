import { invalidInput } from "../errors.js";
import { checkRgbaImage, isRgbaImage, type RgbaImage } from "../image/rgba-image.js";
import type { Mask } from "../mask/mask.js";
import { numberBetween, wholeNumberBetween } from "../number-between.js";
import { parseColor, type Rgba } from "./color.js";

export interface CutoutOptions {
  /** Cuts the result to the object's box. Default false: the size of the picture. */
  readonly crop?: boolean;
  /** With `crop`: pixels to leave on each side, beyond the picture too. Default 0. */
  readonly padding?: number;
  /** Half the width of the soft edge in pixels. Default: the mask's own edge; 1.5 with `decontaminate` where that is hard. */
  readonly feather?: number;
  /** Takes the colour of the old background out of the soft edge. Default false. */
  readonly decontaminate?: boolean;
  /** What stands behind the object: nothing, a CSS colour, a picture that is scaled to cover, or the old background blurred. */
  readonly background?: "transparent" | (string & {}) | CutoutImageBackground | CutoutBlurBackground;
  /** A soft shadow behind the object. It is cut at the result's edges: leave `padding`. */
  readonly shadow?: boolean | CutoutShadow;
  /** A line around the object, as on a sticker. */
  readonly outline?: CutoutOutline;
}

export interface CutoutImageBackground {
  readonly image: RgbaImage;
}

export interface CutoutBlurBackground {
  /** Standard deviation in pixels, as CSS's `blur()`. */
  readonly blur: number;
}

export interface CutoutShadow {
  /** Pixels to the right. Default: 1/40 of the object's shorter side. */
  readonly offsetX?: number;
  /** Pixels down. Default as `offsetX`. */
  readonly offsetY?: number;
  /** Standard deviation in pixels. Default: 1/40 of the object's shorter side. */
  readonly blur?: number;
  /** CSS colour. Default black. */
  readonly color?: string;
  /** 0..1. Default 0.5. */
  readonly opacity?: number;
}

export interface CutoutOutline {
  /** Thickness in pixels, all of it outside the object. Default 4. */
  readonly pixels?: number;
  /** CSS colour. Default white. */
  readonly color?: string;
}

/** The options after checking, defaults filled in. */
export interface CutoutPlan {
  readonly crop: boolean;
  readonly paddingPixels: number;
  readonly featherPixels: number;
  readonly decontaminate: boolean;
  readonly background:
    | { readonly kind: "transparent" }
    | { readonly kind: "color"; readonly color: Rgba }
    | { readonly kind: "image"; readonly image: RgbaImage }
    | { readonly kind: "blur"; readonly pixels: number };
  readonly shadow?: {
    readonly offsetX: number;
    readonly offsetY: number;
    readonly blurPixels: number;
    readonly color: Rgba;
    readonly opacity: number;
  };
  readonly outline?: { readonly pixels: number; readonly color: Rgba };
}

/** Far beyond any picture; keeps a slip from asking for terabytes. */
const MAX_PIXELS = 10_000;

/** A hard edge has no blended pixels to clean: this makes some. */
const DECONTAMINATE_FEATHER_PIXELS = 1.5;

/** @throws MaskeryError `INVALID_INPUT` naming the option at fault. */
export function planCutout(options: CutoutOptions, mask: Mask): CutoutPlan {
  const decontaminate = options.decontaminate ?? false;
  const edge = decontaminate && !mask.alpha ? DECONTAMINATE_FEATHER_PIXELS : 0;
  return {
    crop: options.crop ?? false,
    paddingPixels: wholeNumberBetween("padding", options.padding, 0, 0, MAX_PIXELS),
    featherPixels: numberBetween("feather", options.feather, edge, 0, MAX_PIXELS),
    decontaminate,
    background: planBackground(options.background),
    ...(options.shadow ? { shadow: planShadow(options.shadow === true ? {} : options.shadow, mask) } : {}),
    ...(options.outline ? { outline: planOutline(options.outline) } : {}),
  };
}

function planBackground(background: CutoutOptions["background"] = "transparent"): CutoutPlan["background"] {
  if (background === "transparent") return { kind: "transparent" };
  if (typeof background === "string") return { kind: "color", color: parseColor(background, "background") };
  if (typeof background === "object" && background !== null) {
    if ("blur" in background) {
      return { kind: "blur", pixels: numberBetween("background.blur", background.blur, 0, 0, MAX_PIXELS) };
    }
    if ("image" in background) {
      if (!isRgbaImage(background.image)) {
        throw invalidInput("background.image", "decoded pixels { width, height, data }", background.image);
      }
      return { kind: "image", image: checkRgbaImage(background.image, "background.image") };
    }
  }
  throw invalidInput("background", '"transparent", a colour, { image } or { blur }', background);
}

function planShadow(shadow: CutoutShadow, mask: Mask): NonNullable<CutoutPlan["shadow"]> {
  const size = Math.max(2, Math.round(Math.min(mask.bbox.width, mask.bbox.height) / 40));
  return {
    offsetX: numberBetween("shadow.offsetX", shadow.offsetX, size, -MAX_PIXELS, MAX_PIXELS),
    offsetY: numberBetween("shadow.offsetY", shadow.offsetY, size, -MAX_PIXELS, MAX_PIXELS),
    blurPixels: numberBetween("shadow.blur", shadow.blur, size, 0, MAX_PIXELS),
    color: parseColor(shadow.color ?? "black", "shadow.color"),
    opacity: numberBetween("shadow.opacity", shadow.opacity, 0.5, 0, 1),
  };
}

function planOutline(outline: CutoutOutline): NonNullable<CutoutPlan["outline"]> {
  return {
    pixels: numberBetween("outline.pixels", outline.pixels, 4, 0, MAX_PIXELS),
    color: parseColor(outline.color ?? "white", "outline.color"),
  };
}
