import { invalidInput, type Precision, type PrecisionChoice, precisions } from "@maskery/core";

const expected = `auto, ${precisions.join(", ")}, or encoder=…,decoder=…`;

/**
 * Reads `--precision fp16` or `--precision encoder=fp16,decoder=fp32`. Whether the model has it is not known here.
 * @throws MaskeryError `INVALID_INPUT`.
 */
export function parsePrecision(text: string): PrecisionChoice {
  if (!text.includes("=")) {
    if (text === "auto" || isPrecision(text)) return text;
    throw invalidInput("--precision", expected, text);
  }
  const choice: Record<string, Precision> = {};
  for (const part of text.split(",")) {
    const [half, precision, ...more] = part.trim().split("=");
    const isHalf = half === "encoder" || half === "decoder";
    if (!isHalf || !isPrecision(precision) || more.length > 0 || choice[half])
      throw invalidInput("--precision", expected, text);
    choice[half] = precision;
  }
  return choice;
}

function isPrecision(text: string | undefined): text is Precision {
  return (precisions as readonly (string | undefined)[]).includes(text);
}
