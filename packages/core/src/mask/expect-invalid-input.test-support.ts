import { expect } from "vitest";
import { MaskeryError } from "../errors.js";

/** Expects an `INVALID_INPUT` that names `field`. */
export function expectInvalidInput(act: () => unknown, field: string): void {
  let thrown: unknown;
  try {
    act();
  } catch (error) {
    thrown = error;
  }
  expect(MaskeryError.is(thrown), `expected an error about ${field}, got ${String(thrown)}`).toBe(true);
  expect(thrown).toMatchObject({ code: "INVALID_INPUT", field });
}
