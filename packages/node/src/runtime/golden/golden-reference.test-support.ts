/**
 * The golden graph's arithmetic, written out as plain loops in double precision from the definitions of the ONNX operators:
 * nothing here is shared with the engine that it judges.
 */

/** Values of a `[channels, height, width]` plane stack, or of a `[rows, columns]` matrix with `channels` 1. */
export interface Planes {
  readonly channels: number;
  readonly height: number;
  readonly width: number;
  readonly data: readonly number[];
}

export interface ConvolutionOptions {
  readonly outputs: number;
  readonly kernel: number;
  readonly stride: number;
  readonly padding: number;
  readonly groups: number;
}

/** `weights` is `[outputs, channels / groups, kernel, kernel]`. */
export function convolve(
  input: Planes,
  weights: readonly number[],
  bias: readonly number[],
  { outputs, kernel, stride, padding, groups }: ConvolutionOptions,
): Planes {
  const height = Math.floor((input.height + 2 * padding - kernel) / stride) + 1;
  const width = Math.floor((input.width + 2 * padding - kernel) / stride) + 1;
  const inputsPerGroup = input.channels / groups;
  const outputsPerGroup = outputs / groups;
  const data: number[] = [];
  for (let output = 0; output < outputs; output++) {
    const firstInput = Math.floor(output / outputsPerGroup) * inputsPerGroup;
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        let sum = bias[output]!;
        for (let channel = 0; channel < inputsPerGroup; channel++) {
          for (let ky = 0; ky < kernel; ky++) {
            for (let kx = 0; kx < kernel; kx++) {
              const weight = weights[((output * inputsPerGroup + channel) * kernel + ky) * kernel + kx]!;
              const [row, column] = [y * stride + ky - padding, x * stride + kx - padding];
              sum += weight * pixel(input, firstInput + channel, row, column);
            }
          }
        }
        data.push(sum);
      }
    }
  }
  return { channels: outputs, height, width, data };
}

/** Transposed convolution whose kernel is as wide as its stride, so that no two inputs meet. `weights` is `[channels, outputs, side, side]`. */
export function convolveTransposed(
  input: Planes,
  weights: readonly number[],
  outputs: number,
  side: number,
): Planes {
  const [height, width] = [input.height * side, input.width * side];
  const data: number[] = [];
  for (let output = 0; output < outputs; output++) {
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        let sum = 0;
        for (let channel = 0; channel < input.channels; channel++) {
          const weight = weights[((channel * outputs + output) * side + (y % side)) * side + (x % side)]!;
          sum += weight * pixel(input, channel, Math.floor(y / side), Math.floor(x / side));
        }
        data.push(sum);
      }
    }
  }
  return { channels: outputs, height, width, data };
}

/** Bilinear, with half-pixel centres and the border repeated. */
export function enlarge(input: Planes, factor: number): Planes {
  const [height, width] = [input.height * factor, input.width * factor];
  const data: number[] = [];
  for (let channel = 0; channel < input.channels; channel++) {
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        const row = clamp((y + 0.5) / factor - 0.5, input.height - 1);
        const column = clamp((x + 0.5) / factor - 0.5, input.width - 1);
        const [top, left] = [Math.floor(row), Math.floor(column)];
        const [below, right] = [Math.min(top + 1, input.height - 1), Math.min(left + 1, input.width - 1)];
        const [down, across] = [row - top, column - left];
        data.push(
          (1 - down) *
            ((1 - across) * pixel(input, channel, top, left) + across * pixel(input, channel, top, right)) +
            down *
              ((1 - across) * pixel(input, channel, below, left) +
                across * pixel(input, channel, below, right)),
        );
      }
    }
  }
  return { channels: input.channels, height, width, data };
}

export function stack(first: Planes, second: Planes): Planes {
  return { ...first, channels: first.channels + second.channels, data: [...first.data, ...second.data] };
}

export function mapPlanes(input: Planes, change: (value: number) => number): Planes {
  return { ...input, data: input.data.map(change) };
}

/** `[rows, inner] × [inner, columns]`. */
export function multiply(left: readonly number[][], right: readonly number[][]): number[][] {
  return left.map((row) =>
    right[0]!.map((_, column) => row.reduce((sum, value, inner) => sum + value * right[inner]![column]!, 0)),
  );
}

export function transpose(matrix: readonly number[][]): number[][] {
  return matrix[0]!.map((_, column) => matrix.map((row) => row[column]!));
}

export function softmaxOfRows(matrix: readonly number[][]): number[][] {
  return matrix.map((row) => {
    const largest = Math.max(...row);
    const powers = row.map((value) => Math.exp(value - largest));
    const sum = powers.reduce((total, value) => total + value, 0);
    return powers.map((value) => value / sum);
  });
}

/** ONNX `LayerNormalization` over rows, with its default epsilon. */
export function normaliseRows(
  matrix: readonly number[][],
  scale: readonly number[],
  bias: readonly number[],
): number[][] {
  return matrix.map((row) => {
    const mean = row.reduce((sum, value) => sum + value, 0) / row.length;
    const variance = row.reduce((sum, value) => sum + (value - mean) ** 2, 0) / row.length;
    const deviation = Math.sqrt(variance + 1e-5);
    return row.map((value, column) => ((value - mean) / deviation) * scale[column]! + bias[column]!);
  });
}

/** The error function by its Taylor series, which is exact to double precision for the small arguments met here. */
export function erf(value: number): number {
  let term = value;
  let sum = value;
  for (let n = 1; n < 60; n++) {
    term *= (-value * value) / n;
    sum += term / (2 * n + 1);
  }
  return (2 / Math.sqrt(Math.PI)) * sum;
}

function pixel({ data, height, width }: Planes, channel: number, row: number, column: number): number {
  if (row < 0 || column < 0 || row >= height || column >= width) return 0;
  return data[(channel * height + row) * width + column]!;
}

function clamp(value: number, most: number): number {
  return Math.min(Math.max(value, 0), most);
}
