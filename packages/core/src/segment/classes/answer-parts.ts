import type { Platform } from "../../backend/platform.js";
import type { CallOptions } from "../../cancellation.js";
import type { ImageSize, RgbaImage } from "../../image/rgba-image.js";
import type { RememberedAnswers } from "./remembered-answers.js";

/** What answering a question without prompts needs of an opened picture. */
export interface AnswerParts {
  readonly image: ImageSize;
  readonly platform: Platform;
  readonly answers: RememberedAnswers;
  /**
   * The content key of an answer.
   * @param modelFingerprint - Default: that of the promptable model.
   */
  readonly answerKey: (operation: string, modelFingerprint?: string) => string;
  readonly pixels: (options: CallOptions) => Promise<RgbaImage>;
}
