import type { DeviceReport } from "../backend/runtime.js";
import { invalidInput } from "../errors.js";

/** A device for the whole model, or one for each half; `"auto"` where nothing is said. */
export type DeviceChoice = string | { readonly encoder?: string; readonly decoder?: string };

/** How each half of a model came to its device; absent for a half that runs elsewhere or had no choice. */
export interface ModelDeviceReport {
  readonly encoder?: DeviceReport;
  readonly decoder?: DeviceReport;
  /** Of the model behind `classes`, and of that behind `foreground`; absent as long as they are not loaded. */
  readonly classes?: DeviceReport;
  readonly foreground?: DeviceReport;
}

/** Something in place that says how it came to its device. */
interface Placed {
  readonly deviceReport?: DeviceReport | undefined;
}

/** What is known of every part that a segmenter has in place. */
export function deviceReportOf(
  parts: Readonly<Record<keyof ModelDeviceReport, Placed | undefined>>,
): ModelDeviceReport {
  return Object.fromEntries(
    Object.entries(parts).flatMap(([part, placed]) =>
      placed?.deviceReport ? [[part, placed.deviceReport]] : [],
    ),
  );
}

/**
 * The device for one half of a model.
 * @throws MaskeryError `INVALID_INPUT` for anything that is no choice.
 */
export function deviceFor(choice: DeviceChoice | undefined, half: "encoder" | "decoder"): string | undefined {
  if (choice === undefined || typeof choice === "string") return choice;
  const expected = "a device's name, or { encoder, decoder } with one for each";
  if (typeof choice !== "object" || choice === null) throw invalidInput("device", expected, choice);
  for (const [name, device] of Object.entries(choice)) {
    if (name !== "encoder" && name !== "decoder")
      throw invalidInput("device", expected, `a device for "${name}"`);
    if (device !== undefined && typeof device !== "string")
      throw invalidInput(`device.${name}`, "a device's name", device);
  }
  return choice[half];
}
