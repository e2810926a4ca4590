import { type CallOptions, MaskeryError, type MaskeryErrorCode, type Session } from "@maskery/core";
import type { StatusOverrides } from "../../http/status-overrides.js";
import type { ApiSession } from "../../service/api-sessions.js";
import type { Services } from "../../service/services.js";
import type { GenerationCache } from "./generation-cache.js";
import type { PainterData, PainterSessions } from "./painter-sessions.js";
import type { SessionCounts } from "./session-counts.js";

/** What the painter's routes share. */
export interface PainterContext {
  readonly sessions: PainterSessions;
  readonly counts: SessionCounts;
  readonly generations: GenerationCache;
  /** Path put before the documented ones. */
  readonly prefix: string;
}

/** What a server behind this one may say to us. The client has done nothing of it. */
const saidToUs: readonly MaskeryErrorCode[] = ["UNAUTHORIZED", "FORBIDDEN", "RATE_LIMITED", "CONFLICT"];

/**
 * Works with the session's picture; it stays open for the next request.
 * @throws MaskeryError what opening and `work` throw; `UPSTREAM_FAILED` where a remote encoder refused this server.
 */
export async function withPicture<T>(
  services: Services,
  session: ApiSession<PainterData>,
  work: (picture: Session) => Promise<T>,
  options: CallOptions,
): Promise<T> {
  try {
    return await services.pictures.with(services.objects.uploads, session.data.uploadKey, work, options);
  } catch (error) {
    if (!MaskeryError.is(error) || !saidToUs.includes(error.code)) throw error;
    throw new MaskeryError("UPSTREAM_FAILED", "The remote encoder refused this server.", { cause: error });
  }
}

/** A failing encoder elsewhere is a service that is not available now. */
export const statusOverrides: StatusOverrides = { UPSTREAM_FAILED: 503 };

/** Milliseconds that the document gives each kind of work. */
export const timeouts = {
  upload: 60_000,
  segment: 60_000,
  generate: 120_000,
  paint: 60_000,
  download: 30_000,
  other: 30_000,
} as const;

export const tag = "painter";
