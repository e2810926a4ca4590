import type { DeviceReport } from "../../backend/runtime.js";
import type { CallOptions } from "../../cancellation.js";
import type { GrayImage, RgbaImage } from "../../image/rgba-image.js";

export interface FindForegroundOptions extends CallOptions {
  /** Told how far the work is, 0..1. */
  readonly onProgress?: ((fraction: number) => void) | undefined;
}

/** A model in place that tells the subject of a picture from its background. */
export interface ForegroundModel {
  readonly contractVersion: 1;
  /** Its id. */
  readonly model: string;
  /**
   * Equal for models that see the same in the same picture. Absent: what it sees is not remembered.
   */
  readonly modelFingerprint?: string;
  readonly device: string;
  /** How it came to its device, where there was a choice. */
  readonly deviceReport?: DeviceReport;
  /**
   * @returns How much of each pixel belongs to the subject, 0..255, at the size of the picture.
   * @throws MaskeryError `MODEL_CORRUPT` for outputs that do not fit, `INFERENCE_FAILED`, `ABORTED`, `DISPOSED`.
   */
  find(image: RgbaImage, options?: FindForegroundOptions): Promise<GrayImage>;
  /** Safe to call twice. */
  dispose(): Promise<void>;
}
