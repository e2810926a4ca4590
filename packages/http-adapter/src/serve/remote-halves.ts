import { FALLBACK_HERE, type RemoteHalves, type RemoteOptions } from "@maskery/core";
import type { Logger } from "../observe/logger.js";
import type { ServeSettings } from "./serve-settings.js";

/**
 * Two attempts and this machine's own work after them must fit into the 30 seconds that documented requests have: a request that
 * ends before its remote encoder was given up would not teach the next one anything.
 */
const TIMEOUT_MS = 8_000;
const RETRIES = 1;
/** After a failure pictures are encoded here, and every so often one of them finds out whether the encoder is back. */
const RETRY_AFTER_MS = 10_000;

/** Encodes at the remote encoder, and here while it fails; clicks are always decoded here. Undefined where none is named. */
export function remoteHalvesOf(
  { remoteEncoderUrl, remoteEncoderToken }: Pick<ServeSettings, "remoteEncoderUrl" | "remoteEncoderToken">,
  logger: Logger,
): (RemoteHalves & { readonly encoder: RemoteOptions }) | undefined {
  if (remoteEncoderUrl === undefined) return undefined;
  return {
    encoder: {
      url: remoteEncoderUrl,
      timeoutMs: TIMEOUT_MS,
      retries: RETRIES,
      ...(remoteEncoderToken !== undefined && { headers: { authorization: `Bearer ${remoteEncoderToken}` } }),
    },
    fallback: true,
    retryAfterMs: RETRY_AFTER_MS,
    onMove(_half, { taken, trials }) {
      if (taken !== FALLBACK_HERE) logger.info({}, "Pictures are encoded by the remote encoder.");
      else
        logger.warn({ reason: trials[0]?.reason }, "The remote encoder failed: pictures are encoded here.");
    },
  };
}
