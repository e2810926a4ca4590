import type { Cut } from "./candidate.js";
import type { ResolvedEverythingOptions } from "./options.js";
import { passesPredictedIou, passesStability } from "./stability.js";

/** When memory is full, candidates are let go until this share of it is used, so that the next ones find room. */
const KEPT_SHARE = 0.8;

/** What `candidates.filter` can be asked for at least. */
export interface CandidateFloors {
  /** Candidates up to this predicted IoU are not there; 0 or less: all are. */
  readonly predIouThresh: number;
  /** Candidates below this stability are not there; 0 or less: all are. */
  readonly stabilityScoreThresh: number;
  /** Logits at or below this are not there: `maskThreshold - stabilityScoreOffset` cannot be lower. */
  readonly logit: number;
}

/**
 * The candidates of a run, bounded in bytes. Those that the run itself shows or suppresses
 * are never let go.
 */
export class CandidateStore {
  readonly #options: ResolvedEverythingOptions;
  readonly #logitFloor: number;
  #cuts: Cut[] = [];
  #bytes = 0;
  #predIouFloor: number;
  #stabilityFloor: number;

  constructor(options: ResolvedEverythingOptions, logitFloor: number) {
    this.#options = options;
    this.#logitFloor = logitFloor;
    this.#predIouFloor = options.keepPredIou;
    this.#stabilityFloor = options.keepStabilityScore;
  }

  get cuts(): readonly Cut[] {
    return this.#cuts;
  }

  get floors(): CandidateFloors {
    return {
      predIouThresh: this.#predIouFloor,
      stabilityScoreThresh: this.#stabilityFloor,
      logit: this.#logitFloor,
    };
  }

  accepts(predictedIou: number): boolean {
    return passesPredictedIou(predictedIou, this.#predIouFloor);
  }

  acceptsStability(score: number): boolean {
    return passesStability(score, this.#stabilityFloor);
  }

  add(cut: Cut): void {
    this.#cuts.push(cut);
    this.#bytes += cutBytes(cut);
    if (this.#bytes > this.#options.keepBytes) this.#makeRoom();
  }

  /** Lets go of those with the lowest predicted IoU first, then of the least stable, and raises the floors to match. */
  #makeRoom(): void {
    const { predIouThresh, stabilityScoreThresh, keepBytes } = this.#options;
    const room = keepBytes * KEPT_SHARE;
    while (this.#bytes > room) {
      const poor = this.#cuts
        .map((cut) => cut.candidate.predictedIou)
        .filter((iou) => !passesPredictedIou(iou, predIouThresh));
      if (poor.length === 0) break;
      this.#predIouFloor = Math.max(this.#predIouFloor, median(poor));
      this.#keepOnly((cut) => this.accepts(cut.candidate.predictedIou));
    }
    while (this.#bytes > room) {
      const shaky = this.#cuts
        .map((cut) => cut.stabilityScore)
        .filter((score) => !passesStability(score, stabilityScoreThresh));
      if (shaky.length === 0) break;
      const limit = median(shaky);
      const above = shaky.filter((score) => score > limit);
      this.#stabilityFloor = above.length > 0 ? Math.min(...above) : stabilityScoreThresh;
      this.#keepOnly((cut) => this.acceptsStability(cut.stabilityScore));
    }
  }

  #keepOnly(wanted: (cut: Cut) => boolean): void {
    this.#cuts = this.#cuts.filter(wanted);
    this.#bytes = this.#cuts.reduce((total, cut) => total + cutBytes(cut), 0);
  }
}

/** Memory of what a candidate holds: its logits, and its runs where they were made. */
export function cutBytes({ candidate, runs }: Cut): number {
  return (candidate.region?.halves.byteLength ?? 0) + (runs?.byteLength ?? 0);
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((first, second) => first - second);
  return sorted[Math.floor(sorted.length / 2)]!;
}
