import { expect, test } from "vitest";
import { MaskeryError, type MaskeryErrorCode } from "../errors.js";

/**
 * Duties of a contract that an implementation does not fulfil yet, each with its reason. Their tests are
 * skipped, and the reason stands in the report.
 */
export type KnownGaps<Duty extends string> = Readonly<Partial<Record<Duty, string>>>;

export interface ContractSuiteOptions<Duty extends string> {
  readonly knownGaps?: KnownGaps<Duty>;
}

export type DutyTest<Duty extends string> = (duty: Duty, title: string, check: () => Promise<void>) => void;

/** Registers tests under the duty they prove. */
export function dutyTests<Duty extends string>(knownGaps: KnownGaps<Duty> | undefined): DutyTest<Duty> {
  return (duty, title, check) => {
    const reason = knownGaps?.[duty];
    if (reason === undefined) test(title, check);
    else test.skip(`${title} (known gap: ${reason})`, check);
  };
}

/** Waits for `work` to reject with a MaskeryError of this code, and gives the error for closer looks. */
export async function expectRejection(
  work: Promise<unknown>,
  ...codes: readonly MaskeryErrorCode[]
): Promise<MaskeryError> {
  const outcome = await work.then(
    (value) => ({ value }),
    (error: unknown) => ({ error }),
  );
  if (!("error" in outcome))
    throw new Error(`expected a rejection with ${codes.join(" or ")}, but the call resolved`);
  const { error } = outcome;
  if (!MaskeryError.is(error))
    throw new Error(`expected a MaskeryError ${codes.join(" or ")}, received ${String(error)}`, {
      cause: error,
    });
  expect(codes, `${error.code}: ${error.message}`).toContain(error.code);
  return error;
}

/** An abort signal that counts the listeners left on it. */
export function countingSignal(): { readonly controller: AbortController; listeners(): number } {
  const controller = new AbortController();
  const { signal } = controller;
  const registered = new Set<unknown>();
  const add = signal.addEventListener.bind(signal);
  const remove = signal.removeEventListener.bind(signal);
  signal.addEventListener = (...parameters: Parameters<typeof add>) => {
    registered.add(parameters[1]);
    add(...parameters);
  };
  signal.removeEventListener = (...parameters: Parameters<typeof remove>) => {
    registered.delete(parameters[1]);
    remove(...parameters);
  };
  return { controller, listeners: () => registered.size };
}

export function delay(milliseconds: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, milliseconds);
  });
}
