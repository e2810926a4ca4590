import { extname } from "node:path";
import { formatFromPath, type ImageFormat, invalidInput } from "@maskery/core";

/** What a file of masks can hold. */
export const outputFormats = ["mask", "cutout", "overlay", "rle", "coco"] as const;

export type OutputFormat = (typeof outputFormats)[number];

/** Standard output in place of a file. */
export const STANDARD_OUTPUT = "-";

/** Where a result goes, and as what. */
export interface OutputPlan {
  readonly path: string;
  readonly format: OutputFormat;
  /** How a picture is encoded; JSON formats ignore it. */
  readonly encoding: ImageFormat;
}

const extensionsByFormat: Record<OutputFormat, readonly string[]> = {
  mask: [".png"],
  cutout: [".png", ".webp"],
  overlay: [".png", ".jpg", ".jpeg", ".webp"],
  rle: [".json"],
  coco: [".json"],
};

const formatByExtension: Readonly<Record<string, OutputFormat>> = { ".png": "mask", ".json": "rle" };

const pictureEncodings: readonly ImageFormat[] = ["png", "jpeg", "webp"];

/**
 * Settles path and format of `--out` and `--format`.
 * @returns Undefined when nothing is to be written.
 * @throws MaskeryError `INVALID_INPUT` for an unknown format or extension, for two that clash, and for `--format` alone.
 */
export function planOutput(out: string | undefined, format: string | undefined): OutputPlan | undefined {
  if (format !== undefined && !isOutputFormat(format))
    throw invalidInput("--format", outputFormats.join(", "), format);
  if (out === undefined) {
    if (format !== undefined)
      throw invalidInput("--out", `a file to write the ${format} to`, "--format alone");
    return undefined;
  }
  if (out === STANDARD_OUTPUT) {
    if (format === undefined) throw invalidInput("--format", "a format for --out -", "none");
    return { path: out, format, encoding: "png" };
  }
  const extension = extname(out).toLowerCase();
  const chosen = format ?? formatByExtension[extension];
  if (chosen === undefined) throw invalidInput("--out", "a name ending in .png or .json, or a --format", out);
  if (!extensionsByFormat[chosen].includes(extension)) {
    throw invalidInput(
      "--out",
      `a name ending in ${extensionsByFormat[chosen].join(", ")} for the format ${chosen}`,
      out,
    );
  }
  return {
    path: out,
    format: chosen,
    encoding: extension === ".json" ? "png" : formatFromPath(out, pictureEncodings),
  };
}

function isOutputFormat(text: string): text is OutputFormat {
  return (outputFormats as readonly string[]).includes(text);
}
