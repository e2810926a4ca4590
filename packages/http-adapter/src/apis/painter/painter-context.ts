import type { CallOptions, Session } from "@maskery/core";
import type { ApiSession } from "../../service/api-sessions.js";
import type { Services } from "../../service/services.js";
import type { GenerationCache } from "./generation-cache.js";
import type { PainterData, PainterSessions } from "./painter-sessions.js";

/** What the painter's routes share. */
export interface PainterContext {
  readonly sessions: PainterSessions;
  readonly generations: GenerationCache;
  /** Path put before the documented ones. */
  readonly prefix: string;
}

/** Works with the session's picture; it stays open for the next request. */
export function withPicture<T>(
  services: Services,
  session: ApiSession<PainterData>,
  work: (picture: Session) => Promise<T>,
  options: CallOptions,
): Promise<T> {
  return services.pictures.with(services.objects.uploads, session.data.uploadKey, work, options);
}

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
