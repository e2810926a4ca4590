import type { Services } from "../../service/services.js";
import type { PainterContext } from "./painter-context.js";
import type { PainterData } from "./painter-sessions.js";

/** A mask as it was answered. */
interface AnsweredMask {
  readonly mask_id: number;
  /** PNG in base64. */
  readonly mask: string;
}

/** The session's masks as files lie under this name, beside those of other sessions. */
function folderOf({ uploadKey }: Pick<PainterData, "uploadKey">): string {
  return `${uploadKey.replace(/\.[^./]*$/, "")}/`;
}

/**
 * Keeps masks as PNG files for the operator, in the folder that `MASKS_DIR` names. Requests read the session's own run lengths, so
 * none of them waits for this, and a folder that is full or read-only is a line in the log.
 * @param dropped - Numbers of masks that the session keeps no longer: their files go.
 */
export function keepMaskFiles(
  { sessions }: Pick<PainterContext, "sessions">,
  session: { readonly id: string; readonly data: PainterData },
  masks: readonly AnsweredMask[],
  services: Services,
  dropped: readonly number[] = [],
): void {
  services.inBackground("mask files", async ({ signal }) => {
    const folder = folderOf(session.data);
    try {
      await deleteMaskFiles(services, session.data, dropped);
      for (const { mask_id, mask } of masks) {
        const bytes = Buffer.from(mask, "base64");
        await services.objects.masks.put(`${folder}${mask_id}.png`, bytes, {
          contentType: "image/png",
          signal,
        });
      }
    } catch (error) {
      if (!signal.aborted) services.logger.warn({ error }, "Masks could not be kept as files.");
    }
    // A session that ended in the meantime took its files along, all but these.
    if (!(await sessions.has(services, session.id))) await deleteMaskFiles(services, session.data);
  });
}

/** Removes the session's mask files, or those of some masks. */
export async function deleteMaskFiles(
  { objects }: Pick<Services, "objects">,
  data: Pick<PainterData, "uploadKey">,
  ids?: readonly number[],
): Promise<void> {
  const folder = folderOf(data);
  const keys = ids
    ? ids.map((id) => `${folder}${id}.png`)
    : (await objects.masks.list(folder)).map(({ key }) => key);
  for (const key of keys) await objects.masks.delete(key);
}
