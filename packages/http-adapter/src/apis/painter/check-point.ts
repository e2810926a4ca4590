import { invalidInput } from "@maskery/core";
import type { PainterData } from "./painter-sessions.js";

/**
 * The pixel that a point names.
 * @throws MaskeryError `INVALID_INPUT` for one outside the picture.
 */
export function checkPoint(
  [x, y]: readonly [number, number],
  { width, height }: PainterData,
): readonly [number, number] {
  if (x < 0 || x > width - 1)
    throw invalidInput("point[0]", `a pixel inside the image, 0 to ${width - 1}`, x);
  if (y < 0 || y > height - 1)
    throw invalidInput("point[1]", `a pixel inside the image, 0 to ${height - 1}`, y);
  return [Math.round(x), Math.round(y)];
}
