import { z } from "zod";

/**
 * How the numbers of a graph are stored, by the names of the hub. `q8` is the file that the hub calls `_quantized`; `int8`
 * and `uint8` are quantised with a fixed type.
 */
export const precisions = ["fp32", "fp16", "q8", "int8", "uint8", "q4", "q4f16", "bnb4"] as const;

export const precisionSchema = z.enum(precisions);

export type Precision = (typeof precisions)[number];

/** One precision for all graphs where they have it, one for each graph, or what suits model and device. */
export type PrecisionChoice = "auto" | Precision | { readonly [graph: string]: Precision | undefined };
