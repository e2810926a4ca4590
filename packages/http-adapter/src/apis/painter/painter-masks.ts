import {
  type CallOptions,
  invalidInput,
  Mask,
  MaskeryError,
  maskFromEncoded,
  type Platform,
} from "@maskery/core";
import type { z } from "zod";
import { dataFromText } from "../../service/base64.js";
import type { maskSchema } from "./painter-answers.js";
import type { PainterData, StoredPainterMask } from "./painter-sessions.js";

/** A mask with what the session remembers of it. */
export interface PainterMask {
  readonly mask: Mask;
  readonly score: number;
  readonly stabilityScore?: number | undefined;
}

/** Adds masks to the session's data. @returns The new data and the numbers of the masks, in order. */
export function storeMasks(
  data: PainterData,
  masks: readonly PainterMask[],
  generation?: string,
): { readonly data: PainterData; readonly ids: number[] } {
  const ids = masks.map((_, index) => data.nextMaskId + index);
  const stored = masks.map(({ mask, score, stabilityScore }, index): [string, StoredPainterMask] => {
    const { size, counts } = mask.toCocoRle();
    return [
      String(ids[index]),
      {
        rle: { size: [size[0], size[1]], counts },
        score,
        ...(stabilityScore !== undefined && { stabilityScore }),
        ...(generation !== undefined && { generation }),
      },
    ];
  });
  return {
    data: {
      ...data,
      nextMaskId: data.nextMaskId + masks.length,
      masks: { ...data.masks, ...Object.fromEntries(stored) },
    },
    ids,
  };
}

export function readStoredMask(stored: StoredPainterMask): PainterMask {
  return { mask: Mask.fromRle(stored.rle), score: stored.score, stabilityScore: stored.stabilityScore };
}

/** @throws MaskeryError `NOT_FOUND` for a number that the session does not know. */
export function storedMask(data: PainterData, id: number, field = "mask_id"): PainterMask {
  const stored = data.masks[String(id)];
  if (stored) return readStoredMask(stored);
  throw new MaskeryError("NOT_FOUND", `${field}: the session has no mask ${id}.`, { field });
}

/**
 * Reads a mask that the client passed.
 * @throws MaskeryError `INVALID_INPUT` for no base64, no picture, or another size than the session's picture.
 */
export async function passedMask(
  text: string,
  data: PainterData,
  platform: Platform,
  field: string,
  options: CallOptions,
): Promise<Mask> {
  const bytes = dataFromText(text, field);
  let mask: Mask;
  try {
    mask = await maskFromEncoded(bytes, platform.codec, { signal: options.signal });
  } catch (cause) {
    if (options.signal?.aborted) throw cause;
    throw invalidInput(field, "a PNG in base64", `${bytes.length} bytes that are none`, cause);
  }
  if (mask.width === data.width && mask.height === data.height) return mask;
  throw invalidInput(field, `a mask of ${data.width} × ${data.height}`, `${mask.width} × ${mask.height}`);
}

/** The mask that a request names by number or passes along. */
export async function requestedMask(
  request: { readonly mask_id?: number | undefined; readonly mask?: string | undefined },
  data: PainterData,
  platform: Platform,
  field: string,
  options: CallOptions,
): Promise<Mask> {
  if (request.mask !== undefined) return passedMask(request.mask, data, platform, `${field}mask`, options);
  return storedMask(data, request.mask_id!, `${field}mask_id`).mask;
}

/** A mask as the document shows it. */
export async function maskAnswer(
  id: number,
  { mask, score, stabilityScore }: PainterMask,
  platform: Platform,
  options: CallOptions,
): Promise<z.input<typeof maskSchema>> {
  return {
    mask_id: id,
    mask: await maskText(mask, platform, options),
    score,
    bbox: corners(mask),
    area: mask.area,
    ...(stabilityScore !== undefined && { stability_score: stabilityScore }),
  };
}

/** PNG in base64. One bit a pixel: every reader of PNG knows it, and it is written several times faster. */
export async function maskText(mask: Mask, platform: Platform, options: CallOptions): Promise<string> {
  const png = await mask.with({ output: platform }).toPng({ bitDepth: 1, signal: options.signal });
  return Buffer.from(png.buffer, png.byteOffset, png.byteLength).toString("base64");
}

/** `[x1, y1, x2, y2]`, the form that this document uses. */
export function corners(mask: Mask): [number, number, number, number] {
  const { x, y, width, height } = mask.bbox;
  return [x, y, x + width, y + height];
}
