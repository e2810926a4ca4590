import { precisions } from "@maskery/core";
import { expect, test } from "vitest";
import { estimateGraphMemory } from "./estimate-memory.js";

test("the processor keeps more than the file where it widens or packs weights", () => {
  expect(estimateGraphMemory(1000)).toBe(1200);
  expect(estimateGraphMemory(1000, "fp32", "cuda")).toBe(1200);
  expect(estimateGraphMemory(1000, "fp16")).toBe(3000);
  expect(estimateGraphMemory(1000, "fp16", "cuda")).toBe(1200);
  expect(estimateGraphMemory(1000, "q8")).toBe(2500);
  expect(estimateGraphMemory(1)).toBe(2);
  for (const precision of precisions) expect(estimateGraphMemory(1000, precision)).toBeGreaterThan(1000);
});
