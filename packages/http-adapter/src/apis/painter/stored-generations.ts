import {
  type PainterMask,
  readStoredMask,
  type StoredMasks,
  storeMasks,
  withoutMasks,
} from "./painter-masks.js";
import type { PainterData } from "./painter-sessions.js";

/** Generations whose masks a session keeps: those that a client still shows, and not every one that it ever tried. */
export const MAX_GENERATIONS = 8;

/** The session's masks of this very generation; undefined when there was none, or it found nothing. */
export function storedGeneration(
  data: PainterData,
  generation: string,
): { readonly id: number; readonly mask: PainterMask }[] | undefined {
  const stored = Object.entries(data.masks).filter(([, mask]) => mask.generation === generation);
  return stored.length === 0
    ? undefined
    : stored.map(([id, mask]) => ({ id: Number(id), mask: readStoredMask(mask) }));
}

/**
 * Adds the masks of a generation, unless a request at the same time already did: one mask has one number. The oldest
 * generation beyond the bound goes.
 */
export function storeGeneration(
  data: PainterData,
  masks: readonly PainterMask[],
  generation: string,
): Omit<StoredMasks, "ids"> {
  if (storedGeneration(data, generation)) return { data, dropped: [] };
  const kept = generationsOf(data).slice(-(MAX_GENERATIONS - 1));
  const dropped = Object.entries(data.masks).flatMap(([id, mask]) =>
    mask.generation === undefined || kept.includes(mask.generation) ? [] : Number(id),
  );
  const rest = { ...data, masks: withoutMasks(data.masks, dropped) };
  return { data: storeMasks(rest, masks, { generation }).data, dropped };
}

/** Generations of a session, oldest first: numbers of masks only grow. */
function generationsOf({ masks }: PainterData): string[] {
  const inOrder = Object.entries(masks).sort(([first], [second]) => Number(first) - Number(second));
  return [...new Set(inOrder.flatMap(([, { generation }]) => generation ?? []))];
}
