import type { DeviceReport } from "../../backend/runtime.js";
import type { CallOptions } from "../../cancellation.js";
import type { RgbaImage } from "../../image/rgba-image.js";
import type { Runs } from "../../mask/runs.js";

/** One thing or area that a model found and named. */
export interface FoundClass {
  /** The data set's own name of it, such as `diningtable`. */
  readonly class: string;
  /** The same for people. */
  readonly label: string;
  /** 0..1. */
  readonly confidence: number;
  /** Its pixels, at the size of the picture. */
  readonly runs: Runs;
}

export interface FindClassesOptions extends CallOptions {
  /** Segments that the model is less sure of are left out. Default: what suits the model. */
  readonly minConfidence?: number | undefined;
  /** Told how far the work is, 0..1. */
  readonly onProgress?: ((fraction: number) => void) | undefined;
}

/** A model in place that names what it finds. */
export interface ClassModel {
  readonly contractVersion: 1;
  /** Its id. */
  readonly model: string;
  /**
   * Equal for models that find the same in the same picture. Absent: what it finds is not remembered.
   */
  readonly modelFingerprint?: string;
  readonly device: string;
  /** How it came to its device, where there was a choice. */
  readonly deviceReport?: DeviceReport;
  /** @throws MaskeryError `MODEL_CORRUPT` for outputs that do not fit, `INFERENCE_FAILED`, `ABORTED`, `DISPOSED`. */
  find(image: RgbaImage, options?: FindClassesOptions): Promise<readonly FoundClass[]>;
  /** Safe to call twice. */
  dispose(): Promise<void>;
}
