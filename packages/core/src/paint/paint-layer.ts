import { invalidInput } from "../errors.js";
import { checkRgbaImage, type ImageSize, isRgbaImage, type RgbaImage } from "../image/rgba-image.js";
import type { Mask } from "../mask/mask.js";
import { numberBetween } from "../number-between.js";
import { type BlendMode, blendModes } from "./blend-modes.js";
import { parseColor, type Rgba } from "./color.js";
import { type Gradient, type GradientPaint, planGradient } from "./gradient.js";
import { checkMaskFits } from "./pixels.js";

/** A picture that is repeated over the mask, such as tiles or wallpaper. */
export interface Pattern {
  readonly image: RgbaImage;
  /** Picture pixels per pattern pixel. Default 1. */
  readonly scale?: number | undefined;
  /** Where a repeat begins, in picture pixels from the picture's top left corner. Default 0, 0. */
  readonly offset?: { readonly x: number; readonly y: number } | undefined;
}

interface LayerSettings {
  /** What is painted; it has the size of the picture. */
  readonly mask: Mask;
  /** 0..1. Default 1. */
  readonly opacity?: number | undefined;
  /** How the paint meets what lies under it. Default `normal`. */
  readonly blend?: BlendMode | undefined;
  /** Half the width of the soft edge in pixels. Default 0: the mask's own edge, hard unless the mask carries a soft one. */
  readonly feather?: number | undefined;
  /**
   * Keeps light, shadow and texture of what is painted over, as paint on a wall does: `true` or 1 fully, 0 (the default)
   * not at all. The paint's lightness goes where the region's median was.
   */
  readonly keepShading?: boolean | number | undefined;
}

/** One layer of paint: a mask, exactly one of `color`, `gradient` and `pattern`, and how it is laid on. */
export type PaintLayer = LayerSettings &
  (
    | {
        /** CSS colour. */ readonly color: string;
        readonly gradient?: undefined;
        readonly pattern?: undefined;
      }
    | { readonly gradient: Gradient; readonly color?: undefined; readonly pattern?: undefined }
    | { readonly pattern: Pattern; readonly color?: undefined; readonly gradient?: undefined }
  );

/** A layer after checking, defaults filled in. */
export interface LayerPlan {
  readonly mask: Mask;
  readonly fill:
    | { readonly kind: "color"; readonly color: Rgba }
    | { readonly kind: "gradient"; readonly paint: GradientPaint }
    | {
        readonly kind: "pattern";
        readonly image: RgbaImage;
        readonly scale: number;
        readonly offsetX: number;
        readonly offsetY: number;
      };
  readonly opacity: number;
  readonly blend: BlendMode;
  readonly featherPixels: number;
  readonly keepShading: number;
}

const MAX_FEATHER_PIXELS = 10_000;
const MAX_OFFSET_PIXELS = 1e6;

/** @throws MaskeryError `INVALID_INPUT` naming the member at fault, such as `layers[1].opacity`. */
export function planLayer(layer: PaintLayer, image: ImageSize, field: string): LayerPlan {
  if (typeof layer !== "object" || layer === null)
    throw invalidInput(field, "a layer { mask, color, … }", layer);
  checkMaskFits(layer.mask, image, `${field}.mask`);
  const blend = layer.blend ?? "normal";
  if (!blendModes.includes(blend))
    throw invalidInput(`${field}.blend`, `one of ${blendModes.join(", ")}`, blend);
  const shading: unknown = layer.keepShading;
  return {
    mask: layer.mask,
    fill: planFill(layer, field),
    opacity: numberBetween(`${field}.opacity`, layer.opacity, 1, 0, 1),
    blend,
    featherPixels: numberBetween(`${field}.feather`, layer.feather, 0, 0, MAX_FEATHER_PIXELS),
    keepShading:
      typeof shading === "boolean"
        ? Number(shading)
        : numberBetween(`${field}.keepShading`, layer.keepShading as number, 0, 0, 1),
  };
}

function planFill(layer: PaintLayer, field: string): LayerPlan["fill"] {
  const given = (["color", "gradient", "pattern"] as const).filter((name) => layer[name] !== undefined);
  if (given.length !== 1) {
    throw invalidInput(
      field,
      "exactly one of color, gradient and pattern",
      given.length === 0 ? "none" : given.join(" and "),
    );
  }
  if (layer.color !== undefined) return { kind: "color", color: parseColor(layer.color, `${field}.color`) };
  if (layer.gradient !== undefined)
    return { kind: "gradient", paint: planGradient(layer.gradient, layer.mask.bbox, `${field}.gradient`) };
  return planPattern(layer.pattern!, `${field}.pattern`);
}

function planPattern(pattern: Pattern, field: string): LayerPlan["fill"] {
  if (typeof pattern !== "object" || pattern === null || !isRgbaImage(pattern.image)) {
    throw invalidInput(`${field}.image`, "decoded pixels { width, height, data }", pattern?.image);
  }
  checkRgbaImage(pattern.image, `${field}.image`);
  return {
    kind: "pattern",
    image: pattern.image,
    scale: numberBetween(`${field}.scale`, pattern.scale, 1, 1e-3, 100),
    offsetX: numberBetween(`${field}.offset.x`, pattern.offset?.x, 0, -MAX_OFFSET_PIXELS, MAX_OFFSET_PIXELS),
    offsetY: numberBetween(`${field}.offset.y`, pattern.offset?.y, 0, -MAX_OFFSET_PIXELS, MAX_OFFSET_PIXELS),
  };
}
