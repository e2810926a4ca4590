import type { CallOptions } from "../cancellation.js";
import type { RgbaImage } from "../image/rgba-image.js";
import type { Mask } from "../mask/mask.js";

/** A mask to talk about. */
export interface DescribedMask {
  readonly mask: Mask;
  /** What the object is called, where somebody knows. */
  readonly name?: string | undefined;
}

/** Words for a picture and its masks. */
export interface Description {
  /** Plain text, ready to show: no markup, no control characters but line feeds. */
  readonly text: string;
  /** Name of the describer that wrote it. */
  readonly source: string;
}

/**
 * Finds words for a picture and the objects marked in it: here by measuring, or by a language model elsewhere. Calls may
 * overlap; none changes the picture.
 */
export interface Describer {
  readonly contractVersion: 1;
  /** Short name of the kind, for example `local`; `source` of its descriptions. */
  readonly name: string;
  /** Equal for describers that answer the same question alike: name, model, options. Part of cache keys. */
  readonly id: string;
  readonly abilities: {
    /** Whether pictures leave this machine. */
    readonly network: boolean;
    /** No description is longer, in UTF-16 code units. */
    readonly maxTextLength: number;
  };
  /**
   * @param masks - Of the picture's size, in the caller's order; none at all is fine.
   * @throws MaskeryError `INVALID_INPUT` naming the member at fault, for example `masks[2].mask`; `ABORTED`, `TIMEOUT`; those
   * that ask others also `UPSTREAM_FAILED`, `RATE_LIMITED`, `UNAUTHORIZED`.
   */
  describe(image: RgbaImage, masks: readonly DescribedMask[], options?: CallOptions): Promise<Description>;
}
