import { wholeNumberBetween } from "../../number-between.js";
import type { ContourOptions, Mask } from "../mask.js";
import type { Ring } from "../polygon.js";

export interface SvgPathOptions extends ContourOptions {
  /** Digits after the point, 0..10. Default 3; exact outlines have whole numbers only. */
  readonly fractionDigits?: number;
}

export interface SvgOptions extends SvgPathOptions {
  /** CSS colour of the object. Default `currentColor`. */
  readonly fill?: string;
}

/**
 * The outline as the `d` of an SVG path: absolute `M`, `L`, `H`, `V` and `Z`, one closed line for each ring. Pixel `(x, y)`
 * covers the unit square from `(x, y)` to `(x + 1, y + 1)`. Rings never overlap and holes run against their outer ring, so
 * both fill rules show the same; without options `maskFromSvgPath` gives back the same pixels.
 * @returns An empty string for an empty mask.
 * @throws MaskeryError `INVALID_INPUT` as `mask.contours`.
 */
export function svgPathFromMask(mask: Mask, options: SvgPathOptions = {}): string {
  const { fractionDigits, ...contourOptions } = options;
  const digits = wholeNumberBetween("fractionDigits", fractionDigits, 3, 0, 10);
  const write = (value: number): string => String(Number(value.toFixed(digits)));
  return mask
    .contours(contourOptions)
    .flatMap(({ outer, holes }) => [outer, ...holes])
    .map((ring) => ringPath(ring, write))
    .join("");
}

/** A whole SVG picture of the mask's size, its background clear. */
export function svgFromMask(mask: Mask, options: SvgOptions = {}): string {
  const { fill, ...pathOptions } = options;
  const { width, height } = mask;
  const path = svgPathFromMask(mask, pathOptions);
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}">` +
    `<path fill="${escapeAttribute(fill ?? "currentColor")}" fill-rule="evenodd" d="${path}"/></svg>`
  );
}

function ringPath(ring: Ring, write: (value: number) => string): string {
  let path = "";
  let beforeX = "";
  let beforeY = "";
  ring.forEach((vertex, index) => {
    const x = write(vertex.x);
    const y = write(vertex.y);
    if (index === 0) path += `M${x} ${y}`;
    else if (x === beforeX && y === beforeY) return;
    else if (y === beforeY) path += `H${x}`;
    else if (x === beforeX) path += `V${y}`;
    else path += `L${x} ${y}`;
    beforeX = x;
    beforeY = y;
  });
  return `${path}Z`;
}

function escapeAttribute(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll('"', "&quot;").replaceAll("<", "&lt;");
}
