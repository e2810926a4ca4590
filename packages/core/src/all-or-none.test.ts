import { describe, expect, test } from "vitest";
import { allOrNone } from "./all-or-none.js";

const pause = (milliseconds: number) => new Promise<void>((resolve) => setTimeout(resolve, milliseconds));

/** Ends only when it is stopped, and cleans up for a while before it does. */
function endless(onEnd: () => void) {
  return async (signal: AbortSignal): Promise<string> => {
    await new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
    await pause(20);
    onEnd();
    throw new Error("stopped");
  };
}

describe("allOrNone", () => {
  test("gives the values in the order of the tasks", async () => {
    const late = async () => {
      await pause(10);
      return "a";
    };
    expect(await allOrNone([late, async () => "b"], undefined)).toEqual(["a", "b"]);
    expect(await allOrNone([], undefined)).toEqual([]);
  });

  test("regression: stops the others when one fails, and ends after they have cleaned up", async () => {
    const ended: string[] = [];
    const failing = async () => {
      throw new Error("first");
    };
    const tasks = [endless(() => ended.push("one")), failing, endless(() => ended.push("two"))];
    await expect(allOrNone(tasks, undefined)).rejects.toThrow("first");
    expect(ended).toEqual(["one", "two"]);
  });

  test("lets go of what had ended well", async () => {
    const released: string[] = [];
    const failing = async () => {
      await pause(5);
      throw new Error("late");
    };
    const release = async (value: string) => released.push(value);
    await expect(allOrNone([async () => "whole", failing], undefined, release)).rejects.toThrow("late");
    expect(released).toEqual(["whole"]);
  });

  test("stops every task when the caller's signal fires", async () => {
    const controller = new AbortController();
    const ended: string[] = [];
    const work = allOrNone([endless(() => ended.push("one"))], controller.signal);
    controller.abort();
    await expect(work).rejects.toThrow("stopped");
    expect(ended).toEqual(["one"]);
  });
});
