import { type CallOptions, Mask, MaskeryError, type Platform } from "@maskery/core";
import type { z } from "zod";
import { mapInTurn } from "../../service/map-in-turn.js";
import type { maskSchema } from "./painter-answers.js";
import type { PainterData, StoredPainterMask } from "./painter-sessions.js";
import { passedMask } from "./passed-mask.js";

/** Masks of clicks and combinations that a session keeps: more than anybody looks at, and no way to fill the server. */
export const MAX_PROMPT_MASKS = 1000;

/** Masks that are drawn at once. */
export const MASKS_DRAWN_AT_ONCE = 8;

/** A mask with what the session remembers of it. */
export interface PainterMask {
  readonly mask: Mask;
  readonly score: number;
  readonly stabilityScore?: number | undefined;
}

/** What became of a session's masks. */
export interface StoredMasks {
  readonly data: PainterData;
  /** Numbers of the new masks, in order. */
  readonly ids: readonly number[];
  /** Numbers of masks that the session keeps no longer. */
  readonly dropped: readonly number[];
}

/** Adds masks to the session's data. Of masks that no generation made, the oldest beyond the bound go. */
export function storeMasks(
  data: PainterData,
  masks: readonly PainterMask[],
  origin: Pick<StoredPainterMask, "generation" | "click"> = {},
): StoredMasks {
  const ids = masks.map((_, index) => data.nextMaskId + index);
  const stored = masks.map(({ mask, score, stabilityScore }, index): [string, StoredPainterMask] => {
    const { size, counts } = mask.toCocoRle();
    return [
      String(ids[index]),
      {
        rle: { size: [size[0], size[1]], counts },
        score,
        ...(stabilityScore !== undefined && { stabilityScore }),
        ...origin,
      },
    ];
  });
  const ofPrompts = Object.entries(data.masks).flatMap(([id, { generation }]) =>
    generation === undefined ? Number(id) : [],
  );
  const room =
    origin.generation === undefined ? Math.max(0, MAX_PROMPT_MASKS - masks.length) : MAX_PROMPT_MASKS;
  const dropped = ofPrompts
    .sort((first, second) => first - second)
    .slice(0, Math.max(0, ofPrompts.length - room));
  return {
    data: {
      ...data,
      nextMaskId: data.nextMaskId + masks.length,
      masks: { ...withoutMasks(data.masks, dropped), ...Object.fromEntries(stored) },
    },
    ids,
    dropped,
  };
}

export function withoutMasks(masks: PainterData["masks"], ids: readonly number[]): PainterData["masks"] {
  if (ids.length === 0) return masks;
  const gone = new Set(ids.map(String));
  return Object.fromEntries(Object.entries(masks).filter(([id]) => !gone.has(id)));
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

/** Several masks as the document shows them. Only some are bitmaps at a time: a hundred of a large picture are gigabytes. */
export function maskAnswers(
  masks: readonly { readonly id: number; readonly mask: PainterMask }[],
  platform: Platform,
  options: CallOptions,
): Promise<z.input<typeof maskSchema>[]> {
  return mapInTurn(masks, MASKS_DRAWN_AT_ONCE, ({ id, mask }) => maskAnswer(id, mask, platform, options));
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
