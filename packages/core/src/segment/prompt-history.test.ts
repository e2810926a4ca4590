import { describe, expect, it } from "vitest";
import { Mask } from "../mask/mask.js";
import type { Prompt } from "../prompt/prompt.js";
import { PromptHistory } from "./prompt-history.js";

const clicks = (...xs: number[]): Prompt => ({ points: xs.map((x) => ({ x, y: 0, label: 1 as const })) });
const mask = () => Mask.full(4, 4);

describe("PromptHistory", () => {
  it("undoes to the beginning and redoes", () => {
    const history = new PromptHistory();
    history.add(clicks(1), mask());
    history.add(clicks(1, 2), mask());
    expect(history.undo()?.id).toBe(1);
    expect(history.undo()).toBeUndefined();
    expect(history.canUndo).toBe(false);
    expect(history.undo()).toBeUndefined();
    expect(history.redo()?.id).toBe(1);
    expect(history.redo()?.id).toBe(2);
    expect(history.canRedo).toBe(false);
    expect(history.redo()).toBeUndefined();
    expect(history.current?.id).toBe(2);
  });

  it("begins a branch after undo, and redo follows the one visited last", () => {
    const history = new PromptHistory();
    history.add(clicks(1), mask());
    history.add(clicks(1, 2), mask());
    history.undo();
    history.add(clicks(1, 3), mask());
    history.undo();
    expect(history.branches.map(({ id }) => id)).toEqual([2, 3]);
    expect(history.redo()?.id).toBe(3);
    history.goTo(2);
    history.undo();
    expect(history.redo()?.id).toBe(2);
    expect(() => history.goTo(99)).toThrow(expect.objectContaining({ code: "NOT_FOUND" }));
  });

  it("starts a prompt from the largest earlier one that it extends", () => {
    const history = new PromptHistory();
    const one = history.add(clicks(1), mask());
    const two = history.add(clicks(2, 1), mask());
    history.add({ points: [{ x: 1, y: 0, label: 0 }] }, mask());
    const boxed = history.add({ points: [], box: { x0: 0, y0: 0, x1: 3, y1: 3 } }, mask());
    expect(history.startFor(clicks(1, 2, 3))).toBe(two);
    expect(history.startFor(clicks(1, 3))).toBe(one);
    expect(history.startFor(clicks(1))).toBeUndefined();
    expect(history.startFor(clicks(5, 6))).toBeUndefined();
    expect(history.startFor({ ...clicks(9), box: { x0: 0, y0: 0, x1: 3, y1: 3 } })).toBe(boxed);
    expect(history.startFor({ ...clicks(9), box: { x0: 0, y0: 0, x1: 2, y1: 3 } })).toBeUndefined();
  });

  it("comes back from its steps", () => {
    const history = new PromptHistory();
    history.add(clicks(1), mask());
    history.add(clicks(1, 2), mask());
    history.undo();
    history.add(clicks(1, 3), mask());
    const copy = new PromptHistory();
    copy.restore(history.steps, 2);
    expect(copy.current?.id).toBe(2);
    copy.undo();
    expect(copy.branches.map(({ id }) => id)).toEqual([2, 3]);
    expect(copy.add(clicks(7), mask()).id).toBe(4);
  });

  it("forgets the oldest of very many steps, and keeps the rest in order", () => {
    const history = new PromptHistory();
    for (let step = 0; step < 600; step++) history.add(clicks(step), mask());
    expect(history.steps).toHaveLength(500);
    expect(history.steps[0]).toMatchObject({ id: 101, parent: undefined });
    let undone = 0;
    while (history.undo()) undone++;
    expect(undone).toBe(499);
    expect(history.redo()?.id).toBe(101);
  });
});
