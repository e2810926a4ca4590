import type { Precision } from "@maskery/core";

/**
 * Bytes of memory for each byte of weights, loaded and run once by onnxruntime 1.30 on the processor: float32 took 1.07 to 1.16
 * (75, 134 and 268 MB), float16 2.8 to 2.9 (134 MB: it is widened, and both forms stay), eight bits 2.1 to 2.4 (67 MB of MatMulInteger:
 * they are packed anew, and both forms stay). Four bits were not measured and are taken for the like of eight.
 */
const onProcessor: Readonly<Record<Precision, number>> = {
  fp32: 1.2,
  fp16: 3,
  q8: 2.5,
  int8: 2.5,
  uint8: 2.5,
  q4: 2.5,
  q4f16: 3,
  bnb4: 2.5,
};

/** Devices of their own take half precision as it is. */
const elsewhere = 1.2;

/**
 * Memory that a graph is reckoned with: its weights, as its engine keeps them. What a run takes beyond that is not in it.
 * @param bytes - Of its files.
 */
export function estimateGraphMemory(bytes: number, precision: Precision = "fp32", device = "cpu"): number {
  return Math.ceil((device === "cpu" ? onProcessor[precision] : elsewhere) * bytes);
}
