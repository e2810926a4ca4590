import { invalidInput } from "../errors.js";
import type { ImageSize } from "../image/rgba-image.js";
import { Mask } from "../mask/mask.js";
import { schemaError } from "../schema-error.js";
import type { Box, CoordinateUnits, Point, Prompt, PromptInput } from "./prompt.js";
import { promptSchema } from "./prompt-schema.js";

/**
 * Checks a prompt against the picture it is for and brings it to image pixels.
 * A point must lie on the picture. A box must have an area and touch the picture; what reaches beyond is cut off, because
 * detectors overshoot. At least one point, a box or a mask is needed.
 * @param name - Where the prompt stands in the caller's input, for error messages; empty when it is the whole input.
 * @throws MaskeryError `INVALID_INPUT` naming the member at fault, for example `points[1].x`.
 */
export function resolvePrompt(input: PromptInput, image: ImageSize, name = ""): Prompt {
  const object: unknown = Array.isArray(input) ? { points: input } : input;
  const parsed = promptSchema.safeParse(object);
  if (!parsed.success) throw schemaError(parsed.error, object, name);
  const { points, box, mask, units } = parsed.data;
  if (points.length === 0 && box === undefined && mask === undefined) {
    throw invalidInput(
      member(name, "points"),
      "at least one point, a box or a mask",
      "nothing to segment by",
    );
  }
  return {
    points: points.map((point, index) => resolvePoint(point, member(name, `points[${index}]`), image, units)),
    ...(box && { box: resolveBox(box, member(name, "box"), image, units) }),
    ...(mask !== undefined && { mask: checkMask(mask, member(name, "mask"), image) }),
  };
}

const member = (name: string, path: string): string => (name === "" ? path : `${name}.${path}`);

function resolvePoint(point: Point, field: string, image: ImageSize, units: CoordinateUnits): Point {
  const along = (axis: "x" | "y", length: number): number => {
    const value = point[axis];
    if (units === "normalized") {
      if (value < 0 || value > 1) throw invalidInput(`${field}.${axis}`, "0 to 1", value);
      // 0 and 1 are the picture's edges, half a pixel beyond the outermost pixel centres.
      return Math.min(length - 1, Math.max(0, value * length - 0.5));
    }
    if (value < 0 || value >= length) {
      throw invalidInput(`${field}.${axis}`, `a pixel inside the image, 0 to ${length - 1}`, value);
    }
    return value;
  };
  return { x: along("x", image.width), y: along("y", image.height), label: point.label };
}

function resolveBox(box: Box, field: string, image: ImageSize, units: CoordinateUnits): Box {
  const along = (low: "x0" | "y0", high: "x1" | "y1", length: number): [number, number] => {
    const factor = units === "normalized" ? length : 1;
    const [start, end] = [box[low] * factor, box[high] * factor];
    const came = `${low} ${box[low]}, ${high} ${box[high]}`;
    if (!(end > start)) throw invalidInput(field, `a box with an area, ${high} above ${low}`, came);
    if (end <= 0 || start >= length) {
      throw invalidInput(field, `a box that touches the image (${image.width} × ${image.height})`, came);
    }
    return [Math.max(0, start), Math.min(length, end)];
  };
  const [x0, x1] = along("x0", "x1", image.width);
  const [y0, y1] = along("y0", "y1", image.height);
  return { x0, y0, x1, y1 };
}

function checkMask(mask: unknown, field: string, image: ImageSize): Mask {
  if (!(mask instanceof Mask)) throw invalidInput(field, "a Mask", mask);
  if (mask.width !== image.width || mask.height !== image.height) {
    throw invalidInput(
      field,
      `a mask of the image's size ${image.width} × ${image.height}`,
      `${mask.width} × ${mask.height}`,
    );
  }
  return mask;
}
