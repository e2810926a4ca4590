import {
  type CoordinateUnits,
  invalidInput,
  type Segmenter,
  type SegmentOptions,
  type SegmentResult,
} from "@maskery/core";
import type { Command, Option } from "commander";
import { dealPrompts, nameOptions, type ObjectPrompt } from "./object-prompts.js";
import { parseBox } from "./parse-box.js";
import { parsePoint } from "./parse-point.js";

/** Options of every command that finds objects, as the parser gives them. */
export interface PromptArguments {
  readonly point: readonly string[];
  readonly box: readonly string[];
  readonly units: string;
}

export function addPromptOptions(command: Command): Command {
  return command
    .addOption(
      repeatable(
        command.createOption(
          "--point <x,y[,label]>",
          "a point on the object, or with label 0 beside it; can be repeated",
        ),
      ),
    )
    .addOption(
      repeatable(
        command.createOption(
          "--box <x0,y0,x1,y1>",
          "a box around the object, top left and bottom right; can be repeated",
        ),
      ),
    )
    .option("--units <units>", "of all coordinates: pixel, or normalized (0 to 1)", "pixel");
}

function repeatable(option: Option): Option {
  return option.argParser(append).default([], "none");
}

/** @throws MaskeryError `INVALID_INPUT` naming the option. */
export function parsePrompts({ point, box, units }: PromptArguments): ObjectPrompt[] {
  return dealPrompts(point.map(parsePoint), box.map(parseBox), parseUnits(units));
}

/** Finds every object; a prompt at fault is named by its option. */
export async function segmentObjects(
  segmenter: Segmenter,
  image: Uint8Array,
  objects: readonly ObjectPrompt[],
  options: SegmentOptions,
): Promise<SegmentResult[]> {
  try {
    return await segmenter.segmentMany(
      image,
      objects.map(({ prompt }) => prompt),
      options,
    );
  } catch (error) {
    throw nameOptions(error, objects);
  }
}

/** Collects the values of an option that can be repeated. */
export function append(value: string, previous: readonly string[]): readonly string[] {
  return [...previous, value];
}

function parseUnits(text: string): CoordinateUnits {
  if (text === "pixel" || text === "normalized") return text;
  throw invalidInput("--units", "pixel or normalized", text);
}
