import type { FrameFit } from "../image/frame-fit.js";
import type { Prompt } from "../prompt/prompt.js";

/** Labels that the prompt encoders of the SAM family know besides 1 (the object) and 0 (not the object). */
export const BOX_TOP_LEFT_LABEL = 2;
export const BOX_BOTTOM_RIGHT_LABEL = 3;
/** "Not a point": a learned vector stands in for the coordinates. */
export const NOT_A_POINT_LABEL = -1;

/** What several objects send as points, each filled up to the same number of entries. */
export interface PromptEntries {
  /** Entries of each object. */
  readonly entries: number;
  /** `[objects, entries, 2]`, x before y, in the model's frame. */
  readonly coordinates: Float32Array;
  /** `[objects, entries]`. */
  readonly labels: readonly number[];
}

export interface PromptEntriesOptions {
  /** Label of the entries that fill up shorter prompts; their coordinates are 0. */
  readonly padding: number;
  /** Whether a box goes before its object's points as two entries, its corners. Default false: boxes are left out. */
  readonly boxesAsCorners?: boolean;
  /** Entries that every object has at least, if only padding. Default 1. */
  readonly atLeast?: number;
}

/** Brings prompts to the model's frame. No half pixel is added: the graphs do that themselves. */
export function promptEntries(
  prompts: readonly Prompt[],
  fit: FrameFit,
  { padding, boxesAsCorners = false, atLeast = 1 }: PromptEntriesOptions,
): PromptEntries {
  const corners = (prompt: Prompt) => (boxesAsCorners && prompt.box ? 2 : 0);
  const entries = Math.max(atLeast, ...prompts.map((prompt) => prompt.points.length + corners(prompt)));
  const coordinates = new Float32Array(prompts.length * entries * 2);
  const labels = new Array<number>(prompts.length * entries).fill(padding);
  prompts.forEach((prompt, object) => {
    let entry = object * entries;
    const add = (x: number, y: number, label: number) => {
      coordinates[entry * 2] = x * fit.scaleX;
      coordinates[entry * 2 + 1] = y * fit.scaleY;
      labels[entry++] = label;
    };
    if (boxesAsCorners && prompt.box) {
      add(prompt.box.x0, prompt.box.y0, BOX_TOP_LEFT_LABEL);
      add(prompt.box.x1, prompt.box.y1, BOX_BOTTOM_RIGHT_LABEL);
    }
    for (const point of prompt.points) add(point.x, point.y, point.label);
  });
  return { entries, coordinates, labels };
}

/** Boxes as `[objects, 4]`, corners x0 y0 x1 y1 in the model's frame. Every prompt must have one. */
export function boxCorners(prompts: readonly Prompt[], fit: FrameFit): Float32Array {
  return Float32Array.from(
    prompts.flatMap(({ box }) => [
      box!.x0 * fit.scaleX,
      box!.y0 * fit.scaleY,
      box!.x1 * fit.scaleX,
      box!.y1 * fit.scaleY,
    ]),
  );
}
