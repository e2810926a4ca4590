import {
  type CallOptions,
  FALLBACK_HERE,
  MaskeryError,
  placementHealth,
  type RemoteOptions,
  throwIfAborted,
} from "@maskery/core";
import type { Logger } from "../observe/logger.js";
import type { ModelAccess } from "./model-access.js";
import type { Services } from "./services.js";

/** Asks a remote encoder how it is; `healthy` is well. `modelFingerprint` is that of the model that is loaded here. */
export type RemoteStatus = (
  options: CallOptions & { readonly modelFingerprint?: string },
) => Promise<RemoteState>;

export interface RemoteState {
  readonly status: string;
  /** Why it is not well. */
  readonly reason?: string;
  readonly [member: string]: unknown;
}

/** The remote encoder, as health answers show it. */
export interface RemoteHealth extends RemoteState {
  /** Where pictures are encoded now: `local` while this machine stands in for it, `none` where nobody does. */
  readonly encoder: "remote" | "local" | "none";
}

/** A remote encoder that does not answer in this time is away. */
const PATIENCE_MS = 3_000;

/** The `remoteStatus` of an encoder that another Maskery serves; for `createSegmentationApi`. */
export function remoteEncoderStatus(encoder: RemoteOptions): RemoteStatus {
  return async ({ signal, modelFingerprint }) => {
    const health = await placementHealth({
      ...(modelFingerprint !== undefined && { modelFingerprint }),
      ...encoder,
      retries: 0,
      ...(signal && { signal }),
    });
    if (!health.encoder) throw new MaskeryError("MODEL_UNAVAILABLE", "The remote placement has no encoder.");
    return { status: "healthy", model: health.model, device: health.encoder.device };
  };
}

/** Watches the remote encoder: asks it for health answers, and tells the log when it goes and when it comes back. */
export class RemoteWatch {
  readonly #status: RemoteStatus;
  readonly #model: Pick<ModelAccess, "loaded">;
  readonly #logger: Logger;
  /** Undefined until it was asked; empty while it is well. */
  #lastReason: string | undefined;

  constructor(status: RemoteStatus, model: Pick<ModelAccess, "loaded">, logger: Logger) {
    this.#status = status;
    this.#model = model;
    this.#logger = logger;
  }

  /** @throws MaskeryError `ABORTED` or `TIMEOUT` of the caller's own signal; what becomes of the encoder is an answer. */
  async ask(signal: AbortSignal): Promise<RemoteHealth> {
    const patience = AbortSignal.timeout(PATIENCE_MS);
    const modelFingerprint = this.#model.loaded?.placement.encoder.modelFingerprint;
    try {
      const state = await this.#status({
        signal: AbortSignal.any([signal, patience]),
        ...(modelFingerprint !== undefined && { modelFingerprint }),
      });
      const isHealthy = state.status === "healthy";
      this.#note(isHealthy ? "" : (state.reason ?? state.status), state);
      return { ...state, encoder: this.#encoder(isHealthy) };
    } catch (error) {
      throwIfAborted(signal);
      const reason = patience.aborted ? "TIMEOUT" : MaskeryError.is(error) ? error.code : "UPSTREAM_FAILED";
      this.#note(reason, { error });
      return { status: "unhealthy", reason, encoder: this.#encoder(false) };
    }
  }

  #encoder(isHealthy: boolean): RemoteHealth["encoder"] {
    const report = this.#model.loaded?.deviceReport.encoder;
    if (isHealthy && report?.taken !== FALLBACK_HERE) return "remote";
    const here = report?.trials.find(({ device }) => device === FALLBACK_HERE);
    return here && here.outcome !== "failed" ? "local" : "none";
  }

  #note(reason: string, fields: object): void {
    if (reason === this.#lastReason) return;
    const wasAway = Boolean(this.#lastReason);
    this.#lastReason = reason;
    if (reason !== "") this.#logger.warn({ reason, ...fields }, "The remote encoder cannot be used.");
    else this.#logger.info(fields, wasAway ? "The remote encoder is back." : "The remote encoder answers.");
  }
}

/** How the remote encoder is; undefined where none is configured. */
export async function remoteHealth(
  { remote }: Pick<Services, "remote">,
  signal: AbortSignal,
): Promise<RemoteHealth | undefined> {
  return remote?.ask(signal);
}
