import { invalidInput } from "../../errors.js";
import type { ImageSize } from "../../image/rgba-image.js";
import type { Mask } from "../../mask/mask.js";
import { boxAroundBoth, type PixelWindow } from "../../mask/window.js";
import type { Prompt } from "../../prompt/prompt.js";
import type { PromptMasks, PromptView } from "../prompt-decoding.js";
import type { Focus } from "./focus-options.js";
import {
  detailGain,
  holds,
  isClosedIn,
  isCutByWindow,
  pixelOf,
  promptExtent,
  searchWindows,
  windowAroundObject,
} from "./focus-window.js";
import { sameWindow } from "./prompt-in-window.js";

/**
 * A mask is a good start for the next look as long as that shows the object up to this much larger. Beyond, the mask is too
 * coarse: with the built-in model objects came out better from their prompt alone.
 */
const COARSEST_START = 1.6;

/** Crops around an object at most: the first may show a tiny one still small, or cut it. */
const MAX_CROPS = 2;

/** A prompt with where to look for it. */
export interface FocusedPrompt {
  readonly prompt: Prompt;
  /** Default: the whole picture, once. */
  readonly focus?: Focus | undefined;
  /** The crop of an earlier prompt that this one extends; it serves again as long as it holds what is asked. */
  readonly earlier?: PixelWindow | undefined;
}

export interface PromptAnswer extends PromptMasks {
  /** The part of the picture that was decoded last; undefined for the whole. */
  readonly window: PixelWindow | undefined;
}

/** One prompt on its way from look to look: the whole picture, the surroundings of its points, the object. */
export class Look {
  /** What to show the model next; undefined when the answer stands. */
  next: PromptView | undefined;
  readonly #prompt: Prompt;
  readonly #focus: Focus | undefined;
  readonly #image: ImageSize;
  /** The answer to fall back on when a search ends worse. */
  #fallback: PromptAnswer | undefined;
  #searches: PixelWindow[] = [];
  #isSearching = false;
  #crops = 0;
  #answer: PromptAnswer | undefined;

  /** @throws MaskeryError `INVALID_INPUT` for a part of the picture that does not hold the prompt. */
  constructor({ prompt, focus, earlier }: FocusedPrompt, image: ImageSize) {
    this.#prompt = prompt;
    this.#focus = focus;
    this.#image = image;
    this.#show(focus && this.#firstWindow(focus, earlier), prompt);
  }

  get answer(): PromptAnswer {
    return this.#answer!;
  }

  /** @param takesMasks - Whether the model can start from the mask of the look before. */
  take({ masks, cached }: PromptMasks, takesMasks: boolean): void {
    const { window } = this.next!;
    this.next = undefined;
    this.#answer = { masks, window, cached: cached && (this.#answer?.cached ?? true) };
    if (this.#focus?.kind !== "object") return;
    const best = masks[0]!;
    if (this.#isSearching) {
      if (!isClosedIn(best.bbox, window!)) {
        this.#searchOn();
        return;
      }
      this.#isSearching = false;
    }
    if (this.#lookCloser(best, window, takesMasks)) return;
    if (!window && this.#focus.searches && this.#mayBeTiny()) {
      this.#fallback = this.#answer;
      this.#searches = searchWindows(promptExtent(this.#prompt), best.logits, this.#image);
      this.#searchOn();
    } else this.#settle();
  }

  #searchOn(): void {
    const window = this.#searches.shift();
    this.#isSearching = window !== undefined;
    if (window) this.#show(window, this.#prompt);
    else this.#settle(false);
  }

  /** @param hasFound - Whether a search, if there was one, found something. */
  #settle(hasFound = true): void {
    const fallback = this.#fallback;
    if (!fallback) return;
    const score = (answer: PromptAnswer) => answer.masks[0]!.score ?? 0;
    const answer = this.#answer!;
    if (!hasFound || score(answer) < score(fallback))
      this.#answer = { ...fallback, cached: fallback.cached && answer.cached };
  }

  #lookCloser(best: Mask, window: PixelWindow | undefined, takesMasks: boolean): boolean {
    if (this.#focus?.kind !== "object" || this.#crops === MAX_CROPS || best.isEmpty) return false;
    const object = boxAroundBoth(best.bbox, promptExtent(this.#prompt));
    const closer = windowAroundObject(object, this.#focus.padding, this.#image);
    const before = window ?? { x: 0, y: 0, ...this.#image };
    const gain = detailGain(before, closer);
    if (gain < this.#focus.leastGain && !isCutByWindow(best.bbox, before, this.#image)) return false;
    if (sameWindow(closer, before)) return false;
    this.#crops++;
    const start = takesMasks && gain < COARSEST_START ? { mask: best } : {};
    this.#show(closer, { ...this.#prompt, ...start });
    return true;
  }

  /** A box or an earlier mask already says how large the object is. */
  #mayBeTiny(): boolean {
    const { points, box, mask } = this.#prompt;
    return !box && !mask && points.some(({ label }) => label === 1);
  }

  #show(window: PixelWindow | undefined, prompt: Prompt): void {
    const isWhole = !window || (window.width === this.#image.width && window.height === this.#image.height);
    this.next = isWhole ? { prompt } : { prompt, window };
  }

  #firstWindow(focus: Focus, earlier: PixelWindow | undefined): PixelWindow | undefined {
    if (focus.kind === "window") return this.#given(focus.window);
    const extent = promptExtent(this.#prompt);
    if (earlier && extent.width > 0 && holds(earlier, extent)) return earlier;
    if (!this.#prompt.box) return undefined;
    const around = windowAroundObject(extent, focus.padding, this.#image);
    return detailGain(this.#image, around) >= focus.leastGain ? around : undefined;
  }

  #given(window: PixelWindow): PixelWindow {
    const { points, box } = this.#prompt;
    const outside = points.findIndex((point) => point.label === 1 && !holds(window, pixelOf(point)));
    if (outside >= 0) {
      const { x, y } = points[outside]!;
      throw invalidInput(
        "focus",
        `a part of the image that holds points[${outside}] (${x}, ${y})`,
        text(window),
      );
    }
    const touches =
      !box ||
      (box.x0 < window.x + window.width &&
        box.x1 > window.x &&
        box.y0 < window.y + window.height &&
        box.y1 > window.y);
    if (!touches) throw invalidInput("focus", "a part of the image that touches the box", text(window));
    return window;
  }
}

function text({ x, y, width, height }: PixelWindow): string {
  return `x ${x}, y ${y}, ${width} × ${height}`;
}
