import type { DeviceReport, DeviceTrial } from "../../backend/runtime.js";
import type { CallOptions } from "../../cancellation.js";
import { MaskeryError, type MaskeryErrorCode } from "../../errors.js";
import { checkSameModel } from "./remote-connection.js";

/** Something that may do the work, and how to get it. */
export interface FallbackSource<Half> {
  /** For reports: `the GPU server`. */
  readonly name: string;
  /** Opened when its turn comes; again after a failure. */
  open(options: CallOptions): Promise<Half>;
  /** Lets go of what was opened. */
  dispose(): Promise<void>;
}

interface PlacementHalf {
  readonly modelFingerprint: string;
  readonly device: string;
}

interface Candidate<Half> {
  readonly source: FallbackSource<Half>;
  /** Why the last attempt failed. */
  reason?: string;
  /** Not tried before this time, unless nothing else is left. */
  restsUntil: number;
  /** Whether a call finds out now if it works again. */
  probing: boolean;
}

/** Failures that say something about the place and nothing about the question. */
const failuresOfPlace: ReadonlySet<MaskeryErrorCode> = new Set<MaskeryErrorCode>([
  "UPSTREAM_FAILED",
  "TIMEOUT",
  "MODEL_UNAVAILABLE",
  "MODEL_NOT_FOUND",
  "MODEL_CORRUPT",
  "DEVICE_UNAVAILABLE",
  "INFERENCE_FAILED",
  "OUT_OF_MEMORY",
  "OVERLOADED",
  "RATE_LIMITED",
  "UNAUTHORIZED",
  "FORBIDDEN",
  "CONFLICT",
  "DISPOSED",
  "INTERNAL",
]);

/** Asks places in order, the preferred one first; one that failed rests for a while. */
export class FallbackOrder<Half extends PlacementHalf> {
  readonly #candidates: readonly Candidate<Half>[];
  readonly #retryAfterMs: number;
  readonly #onMove: ((report: DeviceReport) => void) | undefined;
  #taken: Half | undefined;
  #takenFrom: Candidate<Half> | undefined;
  #disposed = false;

  /** @param onMove - Told when the work goes on in another place than before, or begins. What it throws is ignored. */
  constructor(
    sources: readonly FallbackSource<Half>[],
    retryAfterMs: number,
    onMove?: (report: DeviceReport) => void,
  ) {
    this.#candidates = sources.map((source) => ({ source, restsUntil: 0, probing: false }));
    this.#retryAfterMs = retryAfterMs;
    this.#onMove = onMove;
  }

  /** The half that answered last. */
  get taken(): Half {
    if (!this.#taken) throw new MaskeryError("INTERNAL", "No place has answered yet.");
    return this.#taken;
  }

  /** What became of each place at its last turn. */
  get report(): DeviceReport {
    const trials = this.#candidates.map((candidate): DeviceTrial => {
      const device = candidate.source.name;
      // Before the rest: the place that answered last may have failed since, and no other stood in.
      if (candidate.reason !== undefined) return { device, outcome: "failed", reason: candidate.reason };
      if (candidate === this.#takenFrom)
        return { device, outcome: "taken", reason: "it answered the last call" };
      return { device, outcome: "skipped", reason: "it was not needed" };
    });
    return {
      wanted: this.#candidates[0]!.source.name,
      taken: trials.find(({ outcome }) => outcome === "taken")?.device ?? "",
      trials,
    };
  }

  /** @throws MaskeryError of the last place when none answers; of the first one where the question itself is at fault. */
  async run<Answer>(work: (half: Half) => Promise<Answer>, options: CallOptions = {}): Promise<Answer> {
    const resting: Candidate<Half>[] = [];
    let failure: unknown;
    for (const candidate of this.#candidates) {
      if (!this.#isReady(candidate)) {
        resting.push(candidate);
        continue;
      }
      const answer = await this.#try(candidate, work, options);
      if (answer.ok) return answer.value;
      failure = answer.error;
    }
    // Better an early second look than no answer.
    for (const candidate of resting) {
      const answer = await this.#try(candidate, work, options);
      if (answer.ok) return answer.value;
      failure = answer.error;
    }
    throw failure;
  }

  async dispose(): Promise<void> {
    this.#disposed = true;
    await Promise.all(this.#candidates.map(({ source }) => source.dispose()));
  }

  #tellMove(): void {
    try {
      this.#onMove?.(this.report);
    } catch {
      // Watching must not change what happens.
    }
  }

  /** After its rest one call at a time finds out whether a place works again; the others go on elsewhere. */
  #isReady(candidate: Candidate<Half>): boolean {
    if (candidate.reason === undefined) return true;
    return performance.now() >= candidate.restsUntil && !candidate.probing;
  }

  async #try<Answer>(
    candidate: Candidate<Half>,
    work: (half: Half) => Promise<Answer>,
    options: CallOptions,
  ): Promise<{ ok: true; value: Answer } | { ok: false; error: unknown }> {
    const probes = candidate.reason !== undefined && !candidate.probing;
    if (probes) candidate.probing = true;
    try {
      const half = await candidate.source.open(options);
      if (this.#taken)
        checkSameModel(candidate.source.name, this.#taken.modelFingerprint, half.modelFingerprint);
      const value = await work(half);
      const moved = this.#takenFrom !== candidate;
      this.#taken = half;
      this.#takenFrom = candidate;
      delete candidate.reason;
      if (moved) this.#tellMove();
      return { ok: true, value };
    } catch (error) {
      if (this.#disposed || options.signal?.aborted) throw error;
      if (!MaskeryError.is(error) || !failuresOfPlace.has(error.code)) throw error;
      candidate.reason = `${error.code}: ${error.message}`;
      candidate.restsUntil = performance.now() + this.#retryAfterMs;
      return { ok: false, error };
    } finally {
      if (probes) candidate.probing = false;
    }
  }
}
