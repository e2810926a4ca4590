import { describe, expect, test } from "vitest";
import { createOnnxRuntime } from "../onnx-runtime.js";
import { differenceFromGolden, goldenCheck } from "./golden-check.js";

describe("golden check", () => {
  test.each(["float32", "float16"] as const)("onnxruntime's processor passes it in %s", async (precision) => {
    const runtime = createOnnxRuntime();
    try {
      const check = goldenCheck(precision);
      const graph = await runtime.load({ model: { kind: "bytes", bytes: check.model } }, { device: "cpu" });
      expect(differenceFromGolden(check, await graph.run(check.feeds))).toBeUndefined();
    } finally {
      await runtime.dispose();
    }
  });

  const exact = () => {
    const { expected, tolerance } = goldenCheck("float32");
    const answer = (change: (values: Float32Array) => void) => {
      const masks = expected["masks"]!.slice();
      change(masks);
      return {
        masks: { type: "float32" as const, dims: [masks.length], data: masks },
        means: { type: "float32" as const, dims: [6], data: expected["means"]! },
      };
    };
    return { check: { expected, tolerance }, answer };
  };

  test.each<[string, (values: Float32Array) => void]>([
    ["one number", (values) => values.set([values[100]! + 0.1], 100)],
    ["a number that is none", (values) => values.set([Number.NaN], 3)],
    ["swapped axes", (values) => values.reverse()],
    ["zeros", (values) => values.fill(0)],
  ])("finds %s that is wrong", (_what, change) => {
    const { check, answer } = exact();
    expect(
      differenceFromGolden(
        check,
        answer(() => undefined),
      ),
    ).toBeUndefined();
    expect(differenceFromGolden(check, answer(change))).toMatch(/^masks\[\d+\]: expected /);
  });

  test("finds an answer that is missing or too short", () => {
    const { check, answer } = exact();
    const { masks } = answer(() => undefined);
    expect(differenceFromGolden(check, { masks })).toBe("means: expected 6 numbers, received none");
  });
});
