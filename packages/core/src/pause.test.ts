import { expect, it } from "vitest";
import { pause } from "./pause.js";

it("lets timers run between pauses", async () => {
  let ticks = 0;
  const timer = setInterval(() => ticks++, 1);
  const startedAt = performance.now();
  while (performance.now() - startedAt < 40) await pause();
  clearInterval(timer);
  expect(ticks).toBeGreaterThan(2);
});
