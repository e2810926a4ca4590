import { type CoordinateUnits, invalidInput, MaskeryError, type PromptObject } from "@maskery/core";
import type { BoxArgument } from "./parse-box.js";
import { asTyped } from "./parse-numbers.js";
import type { PointArgument } from "./parse-point.js";

/** The prompt of one object, and the options it was put together from. */
export interface ObjectPrompt {
  readonly prompt: PromptObject;
  /** The `--point`s in `prompt.points`, each with its place on the command line. */
  readonly points: readonly { readonly argument: PointArgument; readonly index: number }[];
  readonly box: { readonly argument: BoxArgument; readonly index: number } | undefined;
}

/**
 * Deals points and boxes out to objects. Without a box all points describe one object; with one box they all belong to it;
 * with several boxes every box is an object, and a point belongs to each box that contains it.
 * @throws MaskeryError `INVALID_INPUT` when there is no prompt at all, or a point lies in none of several boxes.
 */
export function dealPrompts(
  points: readonly PointArgument[],
  boxes: readonly BoxArgument[],
  units: CoordinateUnits,
): ObjectPrompt[] {
  if (points.length === 0 && boxes.length === 0) {
    throw invalidInput("--point", "at least one --point or --box", "neither");
  }
  const numbered = points.map((argument, index) => ({ argument, index }));
  if (boxes.length > 1) {
    for (const { argument, index } of numbered) {
      if (boxes.some((box) => contains(box, argument))) continue;
      throw invalidInput(
        `--point ${asTyped(argument.text)} (points[${index}])`,
        "a point inside one of the boxes",
        argument.text,
      );
    }
  }
  const objects = boxes.length === 0 ? [undefined] : boxes.map((argument, index) => ({ argument, index }));
  return objects.map((box) => {
    const own =
      boxes.length > 1 ? numbered.filter(({ argument }) => contains(box!.argument, argument)) : numbered;
    const prompt: PromptObject = {
      points: own.map(({ argument: { x, y, label } }) => ({ x, y, label })),
      ...(box && { box: cornersOf(box.argument) }),
      units,
    };
    return { prompt, points: own, box };
  });
}

/**
 * The SDK names a prompt by its place in the call (`prompts[1].points[0].x`); the user knows it by the option. Rewrites the
 * one into the other and leaves other errors alone.
 */
export function nameOptions(error: unknown, objects: readonly ObjectPrompt[]): unknown {
  if (!MaskeryError.is(error) || error.field === undefined || !error.message.startsWith(error.field))
    return error;
  const match = /^(?:prompts\[(\d+)\]\.)?(?:points\[(\d+)\]|box)(.*)$/.exec(error.field);
  const object = objects[Number(match?.[1] ?? 0)];
  if (!match || !object) return error;
  const member = match[3]!;
  const point = match[2] === undefined ? undefined : object.points[Number(match[2])];
  const given = point ?? object.box;
  if (!given) return error;
  const [option, list] = point ? ["--point", "points"] : ["--box", "boxes"];
  const field = `${option} ${asTyped(given.argument.text)} (${list}[${given.index}]${member})`;
  return new MaskeryError(error.code, field + error.message.slice(error.field.length), {
    cause: error,
    field,
  });
}

const contains = (box: BoxArgument, point: PointArgument): boolean =>
  point.x >= box.x0 && point.x <= box.x1 && point.y >= box.y0 && point.y <= box.y1;

const cornersOf = ({ x0, y0, x1, y1 }: BoxArgument) => ({ x0, y0, x1, y1 });
