import { createHash } from "node:crypto";
import { float32Tensor, fromFloat16Bits, type NamedTensors, type Tensor } from "@maskery/core";
import stored from "./golden-data.json";

/** A graph whose right answer is known, to be run on a device that nobody has vouched for. */
export interface GoldenCheck {
  readonly model: Uint8Array;
  readonly feeds: NamedTensors;
  /** What the graph must answer, computed independently of any engine. */
  readonly expected: Readonly<Record<string, Float32Array>>;
  /** Largest allowed difference, as a share of the expected values' range. */
  readonly tolerance: number;
}

/**
 * Room for the arithmetic that GPUs take by default: TF32 with its 10-bit mantissa, sums in another order. What is broken
 * is wrong by far more.
 */
const TOLERANCE_OF_FLOAT32 = 0.02;
const TOLERANCE_OF_FLOAT16 = 0.05;

export function goldenCheck(precision: "float32" | "float16"): GoldenCheck {
  const halves = new Uint16Array(bytes(stored.input).buffer);
  const image: Tensor =
    precision === "float16"
      ? { type: "float16", dims: stored.dims, data: halves }
      : float32Tensor(fromFloat16Bits(halves), stored.dims);
  return {
    model: bytes(stored.models[precision]),
    feeds: { image },
    expected: { masks: floats(stored.expected.masks), means: floats(stored.expected.means) },
    tolerance: precision === "float16" ? TOLERANCE_OF_FLOAT16 : TOLERANCE_OF_FLOAT32,
  };
}

/** A graph that is timed: convolutions of two billion multiplications, with next to nothing to send. */
export function speedCheck(): { readonly model: Uint8Array; readonly feeds: NamedTensors } {
  const { speedDims: dims } = stored;
  const length = dims.reduce((product, dim) => product * dim, 1);
  return {
    model: bytes(stored.speedModel),
    feeds: { pixel: float32Tensor(new Float32Array(length).fill(1), dims) },
  };
}

/** @returns What is wrong with a device's answer, or undefined when it is right. */
export function differenceFromGolden(
  { expected, tolerance }: Pick<GoldenCheck, "expected" | "tolerance">,
  outputs: NamedTensors,
): string | undefined {
  for (const [name, values] of Object.entries(expected)) {
    const actual = numbersOf(outputs[name]);
    if (actual?.length !== values.length) {
      return `${name}: expected ${values.length} numbers, received ${actual?.length ?? "none"}`;
    }
    const limit = tolerance * (Math.max(...values) - Math.min(...values));
    for (let index = 0; index < values.length; index++) {
      // Written so that NaN fails.
      if (Math.abs(actual[index]! - values[index]!) <= limit) continue;
      return `${name}[${index}]: expected ${values[index]!.toPrecision(4)} ± ${limit.toPrecision(2)}, received ${actual[index]!.toPrecision(4)}`;
    }
  }
  return undefined;
}

/** Changes with the graphs and expectations, so that verdicts from another version of them are not trusted. */
export function goldenVersion(): string {
  return createHash("sha256").update(JSON.stringify(stored)).digest("hex").slice(0, 16);
}

function numbersOf(tensor: Tensor | undefined): Float32Array | undefined {
  if (tensor?.type === "float16") return fromFloat16Bits(tensor.data);
  return tensor?.type === "float32" ? tensor.data : undefined;
}

/** In a buffer of its own: one of Node's pooled buffers could lie at an odd address. */
function bytes(base64: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(Buffer.from(base64, "base64"));
}

function floats(base64: string): Float32Array {
  return new Float32Array(bytes(base64).buffer);
}
