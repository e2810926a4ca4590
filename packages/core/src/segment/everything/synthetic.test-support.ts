import { type FrameFit, fitToFrame, type ResizeRule } from "../../image/frame-fit.js";
import type { ImageSize, RgbaImage } from "../../image/rgba-image.js";
import type { LogitsPlane } from "../../mask/logits-plane.js";
import type { DecodedObject } from "../../model/layout.js";
import type { Prompt } from "../../prompt/prompt.js";
import type { Embedding } from "../embedding.js";
import type { Decoder } from "../placement.js";
import type { EverythingContext } from "./everything-context.js";

/** A decoder without a model: planes of discs, rings and noise that depend on the picture's place and the point alone. */

export interface SyntheticModel {
  readonly frame: number;
  readonly rule: ResizeRule;
  /** Side of the planes. */
  readonly side: number;
  readonly seed: number;
  /** `flat` gives all-one masks; `none` gives planes without any value above 0; `specks` adds holes and islands. */
  readonly kind: "discs" | "specks" | "flat" | "none";
}

export const plainModel: SyntheticModel = { frame: 64, rule: "letterbox", side: 32, seed: 1, kind: "discs" };

/** A number 0..1 that any other numbers determine. */
export function hash(...values: readonly number[]): number {
  let state = 0x9e3779b9;
  for (const value of values) {
    state = Math.imul(state ^ Math.round(value * 1000), 0x85ebca6b);
    state = Math.imul(state ^ (state >>> 13), 0xc2b2ae35);
    state ^= state >>> 16;
  }
  return (state >>> 0) / 2 ** 32;
}

/** @param earlier - The plane that goes in as an earlier mask. */
export function syntheticAnswer(
  model: SyntheticModel,
  size: ImageSize,
  fit: FrameFit,
  point: { readonly x: number; readonly y: number },
  earlier?: LogitsPlane,
): DecodedObject {
  const { side, seed, kind } = model;
  const scaleX = (fit.scaleX * side) / fit.size;
  const scaleY = (fit.scaleY * side) / fit.size;
  // Neighbouring points share an object, so there is something to suppress.
  const cell = Math.max(6, Math.max(size.width, size.height) / 5);
  const [column, row] = [Math.floor(point.x / cell), Math.floor(point.y / cell)];
  const bias = earlier ? earlier.data[Math.floor(side / 2) * side + Math.floor(side / 3)]! / 50 : 0;
  const planes: LogitsPlane[] = [];
  const scores: number[] = [];
  for (let candidate = 0; candidate < 3; candidate++) {
    const own = hash(seed, point.x, point.y, candidate);
    const centreX = (column + 0.5 + 0.25 * hash(seed, column, row, 1)) * cell * scaleX + own;
    const centreY =
      (row + 0.5 + 0.25 * hash(seed, column, row, 2)) * cell * scaleY + hash(seed, point.x, candidate);
    const radius =
      (0.4 + candidate * 0.5 + 0.3 * hash(seed, column, row, candidate)) * cell * Math.min(scaleX, scaleY) +
      0.7;
    const steepness = 0.6 + 6 * hash(seed, point.y, point.x, candidate);
    const data = new Float32Array(side * side);
    for (let y = 0; y < side; y++) {
      for (let x = 0; x < side; x++) {
        const noise = hash(seed, x, y, candidate, point.x) - 0.5;
        let value = steepness * (radius - Math.hypot(x - centreX, y - centreY)) + noise * 0.8 + bias;
        if (kind === "specks" && hash(seed, x, y, column) > 0.93) value = -value;
        if (kind === "flat") value = 3 + noise;
        if (kind === "none") value = -5 + noise;
        data[y * side + x] = Math.max(-32, Math.min(32, value));
      }
    }
    planes.push({ data, width: side, height: side, scaleX, scaleY });
    scores.push(
      Math.fround(0.55 + 0.45 * hash(seed, column, row, candidate, Math.round(point.x)) + bias / 10),
    );
  }
  return { planes, scores };
}

export interface SyntheticCalls {
  decodes: number;
  encodes: number;
  /** Prompts of each decoder run. */
  batches: number[];
}

export interface SyntheticContextOptions {
  readonly model?: Partial<SyntheticModel>;
  readonly batchObjects?: boolean;
  /** How long a decoder run takes. */
  readonly decodeMs?: number;
}

/** An `EverythingContext` over a synthetic model, and an account of the calls that reach it. */
export function syntheticContext(image: ImageSize, options: SyntheticContextOptions = {}) {
  const model: SyntheticModel = { ...plainModel, ...options.model };
  const calls: SyntheticCalls = { decodes: 0, encodes: 0, batches: [] };
  const embed = (size: ImageSize): Embedding => ({
    modelFingerprint: "synthetic",
    imageSize: size,
    fit: fitToFrame(size, model.frame, model.rule),
    tensors: {},
  });
  const decoder: Decoder = {
    contractVersion: 1,
    modelFingerprint: "synthetic",
    device: "none",
    abilities: {
      points: true,
      negativePoints: true,
      boxes: true,
      maskInput: true,
      batchObjects: options.batchObjects ?? true,
    },
    async decode(embedding: Embedding, prompts: readonly Prompt[]) {
      calls.decodes++;
      calls.batches.push(prompts.length);
      if (options.decodeMs !== undefined)
        await new Promise<void>((resolve) => setTimeout(resolve, options.decodeMs));
      return prompts.map(({ points, mask }) =>
        syntheticAnswer(model, embedding.imageSize, embedding.fit, points[0]!, mask?.logits),
      );
    },
    dispose: async () => undefined,
  };
  const context: EverythingContext = {
    image,
    pixels: async (): Promise<RgbaImage> => ({
      ...image,
      data: new Uint8Array(image.width * image.height * 4),
    }),
    embedding: async () => embed(image),
    encode: async (crop) => {
      calls.encodes++;
      return embed({ width: crop.width, height: crop.height });
    },
    decoder,
    output: { codec: undefined as never },
    now: () => performance.now(),
  };
  return { context, calls, model };
}
