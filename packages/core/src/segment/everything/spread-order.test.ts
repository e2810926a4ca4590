import { expect, it } from "vitest";
import { spreadOrder } from "./spread-order.js";

it("names every number once", () => {
  for (let count = 0; count <= 300; count++) {
    expect([...spreadOrder(count)].sort((first, second) => first - second)).toEqual(
      Array.from({ length: count }, (_, index) => index),
    );
  }
});

it("covers the whole range from the start", () => {
  const parts = new Set(
    spreadOrder(1024)
      .slice(0, 16)
      .map((index) => Math.floor(index / 128)),
  );
  expect(parts.size).toBe(8);
});
