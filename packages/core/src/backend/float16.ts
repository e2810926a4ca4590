/** Largest finite half-precision value. */
export const MAX_FLOAT16 = 65504;

const FLOAT32_INFINITY_BITS = 0x7f80_0000;
/** The smallest float32 that rounds to infinity in half precision: halfway between 65504 and 65536. */
const OVERFLOW_BITS = 0x477f_f000;
/** The smallest float32 that is a normal half: 2^-14. */
const SMALLEST_NORMAL_BITS = 0x3880_0000;

/** Rounds float32 values to IEEE 754 half-precision bit patterns, to nearest, ties to even. */
export function toFloat16Bits(values: Float32Array): Uint16Array {
  const bits = new Uint32Array(values.buffer, values.byteOffset, values.length);
  const halves = new Uint16Array(values.length);
  for (let index = 0; index < bits.length; index++) {
    const pattern = bits[index]!;
    const sign = (pattern >>> 16) & 0x8000;
    const magnitude = pattern & 0x7fff_ffff;
    halves[index] = sign | roundMagnitude(magnitude);
  }
  return halves;
}

function roundMagnitude(magnitude: number): number {
  if (magnitude > FLOAT32_INFINITY_BITS) return 0x7e00; // NaN
  if (magnitude >= OVERFLOW_BITS) return 0x7c00;
  if (magnitude >= SMALLEST_NORMAL_BITS) {
    // Rebias the exponent from 127 to 15, then round away the 13 lowest bits; a carry runs into the exponent rightly.
    const rebiased = magnitude - 0x3800_0000;
    return (rebiased + 0x0fff + ((rebiased >>> 13) & 1)) >>> 13;
  }
  const exponent = magnitude >>> 23;
  // Below half of the smallest subnormal (2^-25) everything is zero.
  if (exponent < 102) return 0;
  const mantissa = (magnitude & 0x007f_ffff) | 0x0080_0000;
  const shift = 126 - exponent;
  const halfUnit = 1 << (shift - 1);
  const kept = mantissa >>> shift;
  const rest = mantissa & ((1 << shift) - 1);
  return rest > halfUnit || (rest === halfUnit && (kept & 1) === 1) ? kept + 1 : kept;
}

let valueOfBits: Float32Array | undefined;

/** Exact: every half-precision value is a float32 value. */
export function fromFloat16Bits(halves: Uint16Array): Float32Array {
  valueOfBits ??= Float32Array.from({ length: 65536 }, (_, bits) => decodeHalf(bits));
  const values = new Float32Array(halves.length);
  for (let index = 0; index < halves.length; index++) values[index] = valueOfBits[halves[index]!]!;
  return values;
}

function decodeHalf(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >>> 10) & 0x1f;
  const mantissa = bits & 0x3ff;
  if (exponent === 0x1f) return mantissa ? Number.NaN : sign * Number.POSITIVE_INFINITY;
  if (exponent === 0) return sign * mantissa * 2 ** -24;
  return sign * (1 + mantissa / 1024) * 2 ** (exponent - 15);
}
