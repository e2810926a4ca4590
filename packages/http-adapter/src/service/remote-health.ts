import { MaskeryError, throwIfAborted } from "@maskery/core";
import type { Services } from "./services.js";

/** A remote encoder that does not answer in this time is away. */
const PATIENCE_MS = 3_000;

/** How the remote encoder is: what it says, or `unhealthy`; undefined where none is configured. */
export async function remoteHealth(
  { remoteStatus, logger }: Pick<Services, "remoteStatus" | "logger">,
  signal: AbortSignal,
): Promise<{ readonly status: string; readonly reason?: string } | undefined> {
  if (!remoteStatus) return undefined;
  try {
    return await remoteStatus({ signal: AbortSignal.any([signal, AbortSignal.timeout(PATIENCE_MS)]) });
  } catch (error) {
    throwIfAborted(signal);
    logger.warn({ error }, "The remote encoder does not answer.");
    return { status: "unhealthy", reason: MaskeryError.is(error) ? error.code : "UPSTREAM_FAILED" };
  }
}
