import { type DescribedMask, type Mask, overlay, type RgbaImage, throwIfAborted } from "@maskery/core";
import { loadSharp } from "../image/load-sharp.js";
import type { ResolvedGeminiOptions } from "./gemini-options.js";

/** What is asked: words, and the picture with its masks drawn in, small enough to send. */
export interface GeminiQuestion {
  readonly prompt: string;
  /** JPEG in base64. */
  readonly picture: string;
}

/** Names that are sent along at most. */
const MAX_NAMES = 40;

export async function makeQuestion(
  image: RgbaImage,
  masks: readonly DescribedMask[],
  { prompt, maxImageSidePixels }: ResolvedGeminiOptions,
  signal: AbortSignal,
): Promise<GeminiQuestion> {
  const drawn =
    masks.length === 0
      ? image
      : overlay(
          image,
          masks.map(({ mask }) => mask),
        );
  const { width, height, data } = drawn;
  const sharp = await loadSharp();
  const jpeg = await sharp(data, { raw: { width, height, channels: 4 } })
    .resize(maxImageSidePixels, maxImageSidePixels, { fit: "inside", withoutEnlargement: true })
    .flatten({ background: "#ffffff" })
    .jpeg({ quality: 85 })
    .toBuffer();
  throwIfAborted(signal);
  return { prompt: `${prompt}\n\n${facts(masks)}`, picture: jpeg.toString("base64") };
}

/** What is known for sure, so that the answer need not guess. */
function facts(masks: readonly DescribedMask[]): string {
  if (masks.length === 0) return "No segments are marked.";
  const names = masks
    .slice(0, MAX_NAMES)
    .map(({ mask, name }, index) => `${index + 1}. ${plainName(name)}, ${share(mask)}`);
  return `Segments: ${masks.length}.\n${names.join("\n")}`;
}

function share(mask: Mask): string {
  return `${((100 * mask.area) / (mask.width * mask.height)).toFixed(1)}% of the picture`;
}

/** A name is data: it must not read like another instruction. */
function plainName(name: string | undefined): string {
  const plain = (name ?? "")
    .replaceAll(/[^\p{L}\p{N} ._-]/gu, " ")
    .trim()
    .slice(0, 60);
  return plain === "" ? "unnamed" : plain;
}
