import { MaskeryError } from "@maskery/core";
import type sharp from "sharp";

export type SharpFactory = typeof sharp;

let loading: Promise<SharpFactory> | undefined;

/**
 * Loads sharp at its first use; importing this package does not. A failed load is forgotten, so that it can
 * be repaired.
 * @throws MaskeryError `INTERNAL` that says what to install.
 */
export function loadSharp(): Promise<SharpFactory> {
  loading ??= importSharp().catch((cause: unknown) => {
    loading = undefined;
    throw new MaskeryError(
      "INTERNAL",
      `Pictures are read and written by sharp, which could not be loaded for ${process.platform}-${process.arch}: npm install sharp`,
      { cause },
    );
  });
  return loading;
}

async function importSharp(): Promise<SharpFactory> {
  const { default: factory } = await import("sharp");
  // Its operation cache only pays for repeated work on the same files, and keeps decoded pixels alive
  // meanwhile.
  factory.cache(false);
  return factory;
}
