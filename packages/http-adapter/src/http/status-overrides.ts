import type { MaskeryErrorCode } from "@maskery/core";

/** Statuses that an API documents for some codes instead of those of core's `statusOfCode`. */
export type StatusOverrides = Partial<Record<MaskeryErrorCode, number>>;
