import { invalidInput } from "../errors.js";
import { parseColor, type Rgba } from "./color.js";

/**
 * Colours that people with any common colour vision can tell apart, most distinct first. The first seven are those of
 * M. Okabe and K. Ito, "Color Universal Design" (2008), in an order that keeps neighbours far apart; the rest are from
 * P. Tol, "Colour Schemes" (2021), muted and bright. After the last the list begins again.
 */
export const defaultPalette: readonly string[] = [
  "#e69f00",
  "#56b4e9",
  "#d55e00",
  "#009e73",
  "#cc79a7",
  "#0072b2",
  "#f0e442",
  "#882255",
  "#88ccee",
  "#117733",
  "#ee6677",
  "#332288",
  "#ddcc77",
  "#44aa99",
  "#aa4499",
  "#999933",
];

/**
 * Reads a list of colours.
 * @throws MaskeryError `INVALID_INPUT` for an empty list or an entry that is no colour.
 */
export function parsePalette(
  palette: readonly string[] = defaultPalette,
  field = "palette",
): readonly Rgba[] {
  if (!Array.isArray(palette) || palette.length === 0)
    throw invalidInput(field, "a list of at least one colour", palette);
  return palette.map((color: string, index) => parseColor(color, `${field}[${index}]`));
}
