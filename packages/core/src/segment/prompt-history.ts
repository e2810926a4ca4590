import { describeValue, MaskeryError } from "../errors.js";
import type { Mask } from "../mask/mask.js";
import type { PixelWindow } from "../mask/window.js";
import type { Box, Point, Prompt } from "../prompt/prompt.js";

/** Steps that a session remembers; the oldest are forgotten first. */
const MAX_STEPS = 500;

/** One answered prompt. */
export interface PromptStep {
  readonly id: number;
  /** The step it was asked after; undefined for a beginning. */
  readonly parent: number | undefined;
  /** In image pixels. */
  readonly points: readonly Point[];
  readonly box: Box | undefined;
  /** The part of the picture that was looked at, when the prompt was focused. */
  readonly focus?: PixelWindow | undefined;
  readonly best: Mask;
}

/**
 * The prompts of a session as a tree: undoing and then asking something else begins a branch, and nothing is lost. Moving
 * through it runs no model.
 */
export class PromptHistory {
  readonly #steps = new Map<number, PromptStep>();
  /** For each step, and for the beginning, the child that was visited last. */
  readonly #lastChild = new Map<number | undefined, number>();
  #current: number | undefined;
  #nextId = 1;

  /** The step whose mask is shown; undefined at the beginning. */
  get current(): PromptStep | undefined {
    return this.#current === undefined ? undefined : this.#steps.get(this.#current);
  }

  /** All steps, oldest first. */
  get steps(): readonly PromptStep[] {
    return [...this.#steps.values()];
  }

  /** The steps asked after the current one. More than one means branches. */
  get branches(): readonly PromptStep[] {
    return this.steps.filter(({ parent }) => parent === this.#current);
  }

  get canUndo(): boolean {
    return this.#current !== undefined;
  }

  get canRedo(): boolean {
    return this.#lastChild.has(this.#current);
  }

  /** Adds an answered prompt after the current step and moves to it. */
  add(prompt: Prompt, best: Mask, focus?: PixelWindow): PromptStep {
    const step: PromptStep = {
      id: this.#nextId++,
      parent: this.#current,
      points: prompt.points,
      box: prompt.box,
      ...(focus && { focus }),
      best,
    };
    this.#insert(step);
    this.#moveTo(step);
    if (this.#steps.size > MAX_STEPS) this.#forgetOldest();
    return step;
  }

  /** Moves to the step before. @returns It, or undefined at the beginning. */
  undo(): PromptStep | undefined {
    this.#current = this.current?.parent;
    return this.current;
  }

  /** Moves to the step after, on the branch visited last. @returns It, or undefined when there is none. */
  redo(): PromptStep | undefined {
    const next = this.#lastChild.get(this.#current);
    if (next === undefined) return undefined;
    this.#current = next;
    return this.current;
  }

  /** Moves to any step, on any branch. @throws MaskeryError `NOT_FOUND`. */
  goTo(id: number): PromptStep {
    const step = this.#steps.get(id);
    if (!step)
      throw new MaskeryError(
        "NOT_FOUND",
        `id: expected a step of this session, received ${describeValue(id)}`,
        { field: "id" },
      );
    this.#moveTo(step);
    return step;
  }

  /**
   * The largest earlier prompt that `prompt` extends: every point of it, and its box if it had one, are in `prompt` too. The
   * newest among equals.
   */
  startFor(prompt: Prompt): PromptStep | undefined {
    let found: PromptStep | undefined;
    for (const step of this.#steps.values()) {
      if (isExtendedBy(step, prompt) && sizeOf(step) >= (found ? sizeOf(found) : 0)) found = step;
    }
    return found;
  }

  /** Puts back steps that were written down, oldest first, and the place among them. */
  restore(steps: readonly PromptStep[], current: number | undefined): void {
    this.clear();
    for (const step of steps) this.#insert(step);
    this.#nextId = Math.max(0, ...steps.map(({ id }) => id)) + 1;
    if (current !== undefined) this.goTo(current);
  }

  clear(): void {
    this.#steps.clear();
    this.#lastChild.clear();
    this.#current = undefined;
  }

  #insert(step: PromptStep): void {
    this.#steps.set(step.id, step);
    this.#lastChild.set(step.parent, step.id);
  }

  /** Marks the way to a step, so that redo follows it. */
  #moveTo(step: PromptStep): void {
    this.#current = step.id;
    for (
      let on: PromptStep | undefined = step;
      on;
      on = on.parent === undefined ? undefined : this.#steps.get(on.parent)
    ) {
      this.#lastChild.set(on.parent, on.id);
    }
  }

  #forgetOldest(): void {
    const [oldest] = this.#steps.values();
    if (!oldest) return;
    this.#steps.delete(oldest.id);
    this.#lastChild.delete(oldest.id);
    for (const step of this.#steps.values()) {
      if (step.parent !== oldest.id) continue;
      this.#steps.set(step.id, { ...step, parent: undefined });
      if (this.#lastChild.get(undefined) === oldest.id) this.#lastChild.set(undefined, step.id);
    }
    if (this.#lastChild.get(undefined) === oldest.id) this.#lastChild.delete(undefined);
  }
}

function sizeOf({ points, box }: Pick<PromptStep, "points" | "box">): number {
  return points.length + (box ? 1 : 0);
}

function isExtendedBy(step: PromptStep, prompt: Prompt): boolean {
  if (sizeOf(step) >= sizeOf({ points: prompt.points, box: prompt.box })) return false;
  if (step.box && !(prompt.box && sameBox(step.box, prompt.box))) return false;
  return step.points.every((point) =>
    prompt.points.some(({ x, y, label }) => x === point.x && y === point.y && label === point.label),
  );
}

function sameBox(first: Box, second: Box): boolean {
  return first.x0 === second.x0 && first.y0 === second.y0 && first.x1 === second.x1 && first.y1 === second.y1;
}
