import { availableParallelism } from "node:os";
import { expect, test } from "vitest";
import { defaultThreadCount } from "./thread-count.js";

test("uses at least one thread, at most four, and never more than there are processors", async () => {
  const threads = await defaultThreadCount();
  expect(Number.isInteger(threads)).toBe(true);
  expect(threads).toBeGreaterThanOrEqual(1);
  expect(threads).toBeLessThanOrEqual(Math.min(4, availableParallelism()));
});
