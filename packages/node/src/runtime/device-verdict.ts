/** What a check of a device found. */
export interface DeviceVerdict {
  /** Whether it answered the golden graph rightly. */
  readonly works: boolean;
  /** Why, in a sentence for people. */
  readonly reason: string;
  /** What it made of the golden graph in half precision; absent when it was not asked. */
  readonly halfPrecision?: "right" | "wrong" | "failed";
  /** Milliseconds for the same work on the device and on the processor. */
  readonly deviceMs?: number;
  readonly processorMs?: number;
  /** Unix time in milliseconds. */
  readonly checkedAt: number;
}

/** A device that is no faster than this is not worth its transfers. */
const LEAST_SPEED_UP = 1.25;

const HOUR_MS = 60 * 60 * 1000;

/** What failed may work after a reboot or an update that the fingerprint does not show; what worked rarely stops. */
const LIFETIME_OF_FAILURE_MS = 24 * HOUR_MS;
const LIFETIME_OF_SUCCESS_MS = 30 * 24 * HOUR_MS;

export function isFresh({ works, checkedAt }: DeviceVerdict, now: number): boolean {
  const age = now - checkedAt;
  return age >= 0 && age < (works ? LIFETIME_OF_SUCCESS_MS : LIFETIME_OF_FAILURE_MS);
}

/** Whether `"auto"` should leave a device that works alone, and why. */
export function tooSlow({ deviceMs, processorMs }: DeviceVerdict): string | undefined {
  if (deviceMs === undefined || processorMs === undefined || deviceMs * LEAST_SPEED_UP <= processorMs)
    return undefined;
  return `it is not faster than the processor (${describeMs(deviceMs)} against ${describeMs(processorMs)} for the same work)`;
}

/** Checks what a file holds; anything odd counts as nothing. */
export function parseVerdict(value: unknown): DeviceVerdict | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  const { works, reason, halfPrecision, deviceMs, processorMs, checkedAt } = value as Partial<DeviceVerdict>;
  if (typeof works !== "boolean" || typeof reason !== "string" || !isTime(checkedAt)) return undefined;
  return {
    works,
    reason,
    ...(["right", "wrong", "failed"].includes(halfPrecision as string) && { halfPrecision: halfPrecision! }),
    ...(isTime(deviceMs) && { deviceMs }),
    ...(isTime(processorMs) && { processorMs }),
    checkedAt,
  };
}

export function describeMs(milliseconds: number): string {
  return `${milliseconds < 10 ? milliseconds.toFixed(1) : Math.round(milliseconds)} ms`;
}

function isTime(value: unknown): value is number {
  return typeof value === "number" && Number.isFinite(value) && value >= 0;
}
