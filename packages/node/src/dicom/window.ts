import { describeValue, invalidInput } from "@maskery/core";
import type { FrameAttributes } from "./frame-attributes.js";

/** What becomes black and white: values from `center - width / 2` to `center + width / 2`, in the file's units. */
export interface DicomWindow {
  readonly center: number;
  /** At least 1; above 0 for the other shapes than `linear`. */
  readonly width: number;
  /** How values between are mapped: DICOM PS3.3 C.11.2.1. Default `linear`. */
  readonly shape?: "linear" | "linear-exact" | "sigmoid";
}

/** Windows that radiologists commonly set for CT, in Hounsfield units. */
export const ctWindows = {
  abdomen: { center: 40, width: 400 },
  bone: { center: 400, width: 1800 },
  lung: { center: -600, width: 1500 },
  brain: { center: 40, width: 80 },
  "soft-tissue": { center: 50, width: 350 },
} as const satisfies Readonly<Record<string, DicomWindow>>;

export type CtWindowName = keyof typeof ctWindows;

/** A window, the name of one, the file's own (`file`), or from the frame's lowest value to its highest (`range`). */
export type DicomWindowChoice = DicomWindow | CtWindowName | "file" | "range";

type Shape = NonNullable<DicomWindow["shape"]>;
const shapes: ReadonlyMap<string | undefined, Shape> = new Map([
  ["LINEAR", "linear"],
  ["LINEAR_EXACT", "linear-exact"],
  ["SIGMOID", "sigmoid"],
]);

const voiGroup = "x00289132";

/** The windows that a file suggests for a frame, the preferred one first. */
export function fileWindows(attributes: FrameAttributes): readonly DicomWindow[] {
  const centers = attributes.numbers(voiGroup, "x00281050") ?? [];
  const widths = attributes.numbers(voiGroup, "x00281051") ?? [];
  const shape = shapes.get(attributes.text(voiGroup, "x00281056")?.trim()) ?? "linear";
  return centers.flatMap((center, index) => {
    const width = widths[index];
    return width !== undefined && isUsableWidth(width, shape) ? [{ center, width, shape }] : [];
  });
}

/** @throws MaskeryError `INVALID_INPUT` naming the field. */
export function checkWindow(choice: DicomWindowChoice): DicomWindow | "file" | "range" {
  if (choice === "file" || choice === "range") return choice;
  if (typeof choice === "string") {
    if (Object.hasOwn(ctWindows, choice)) return ctWindows[choice];
    const names = ["file", "range", ...Object.keys(ctWindows)].join(", ");
    throw invalidInput("window", `a center and a width, or one of ${names}`, choice);
  }
  const { center, width, shape = "linear" } = choice ?? {};
  if (!Number.isFinite(center)) throw invalidInput("window.center", "a number", center);
  if (![...shapes.values()].includes(shape))
    throw invalidInput("window.shape", [...shapes.values()].join(" or "), describeValue(shape));
  if (!isUsableWidth(width, shape)) {
    const expected = shape === "linear" ? "a number from 1 on" : "a number above 0";
    throw invalidInput("window.width", expected, width);
  }
  return { center, width, shape };
}

/** DICOM PS3.3 C.11.2.1.2.1 and C.11.2.1.3. */
function isUsableWidth(width: number, shape: Shape): boolean {
  return Number.isFinite(width) && (shape === "linear" ? width >= 1 : width > 0);
}

/** Brightness from 0 to 255 of a value under a window. */
export function windowFunction({ center, width, shape = "linear" }: DicomWindow): (value: number) => number {
  if (shape === "sigmoid") return (value) => 255 / (1 + Math.exp((-4 * (value - center)) / width));
  const exact = shape === "linear-exact";
  const middle = exact ? center : center - 0.5;
  const span = exact ? width : width - 1;
  const lowest = middle - span / 2;
  return (value) => {
    if (value <= lowest) return 0;
    if (value > lowest + span) return 255;
    return ((value - lowest) / span) * 255;
  };
}
