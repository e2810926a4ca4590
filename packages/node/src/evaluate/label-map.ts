import { readFile } from "node:fs/promises";
import { defaultImageLimits, type ImageSize, Mask, MaskeryError } from "@maskery/core";

/** A picture of object numbers: 0 is unlabelled, every other value is one object. */
export interface LabelMap extends ImageSize {
  /** Row-major `[height, width]`. */
  readonly labels: Uint32Array;
}

/**
 * Reads a label map from a PNG: the gray values of 8 or 16 bits, or each distinct colour as `red << 16 | green << 8 | blue`.
 * Unlike a codec it keeps the numbers as they are stored.
 * @throws MaskeryError `NOT_FOUND`, `CORRUPT_IMAGE`.
 */
export async function readLabelMap(path: string): Promise<LabelMap> {
  const bytes = await readFile(path).catch((cause: unknown) => {
    throw new MaskeryError("NOT_FOUND", `${path}: expected a label map that can be read`, { cause });
  });
  const { default: sharp } = await import("sharp");
  try {
    const picture = sharp(bytes, { limitInputPixels: defaultImageLimits.maxPixels });
    const { space } = await picture.metadata();
    picture.removeAlpha();
    if (space === "grey16") picture.toColourspace("grey16").raw({ depth: "ushort" });
    else if (space === "b-w") picture.toColourspace("b-w").raw();
    else picture.toColourspace("srgb").raw();
    const { data, info } = await picture.toBuffer({ resolveWithObject: true });
    const { width, height, channels } = info;
    const samples = space === "grey16" ? wordsOf(data) : data;
    const labels = new Uint32Array(width * height);
    for (let pixel = 0; pixel < labels.length; pixel++) {
      const start = pixel * channels;
      labels[pixel] =
        channels >= 3
          ? (samples[start]! << 16) | (samples[start + 1]! << 8) | samples[start + 2]!
          : samples[start]!;
    }
    return { width, height, labels };
  } catch (cause) {
    throw new MaskeryError(
      "CORRUPT_IMAGE",
      `${path}: expected a label map as PNG, received what cannot be decoded`,
      { cause },
    );
  }
}

/** The share of the picture that each object covers, by ascending value. */
export function objectShares({ labels }: LabelMap): Map<number, number> {
  const counts = new Map<number, number>();
  for (const label of labels) counts.set(label, (counts.get(label) ?? 0) + 1);
  counts.delete(0);
  return new Map(
    [...counts]
      .sort(([first], [second]) => first - second)
      .map(([value, count]) => [value, count / labels.length]),
  );
}

/** The pixels of one object. */
export function objectMask({ labels, width, height }: LabelMap, value: number): Mask {
  const bitmap = new Uint8Array(labels.length);
  for (let pixel = 0; pixel < labels.length; pixel++) if (labels[pixel] === value) bitmap[pixel] = 1;
  return Mask.fromBitmap(bitmap, width, height);
}

function wordsOf(data: Buffer): Uint16Array {
  return new Uint16Array(data.buffer.slice(data.byteOffset, data.byteOffset + data.byteLength));
}
