import type { Platform } from "../backend/platform.js";
import { type CallOptions, throwIfAborted } from "../cancellation.js";
import type { ImageSize } from "../image/rgba-image.js";
import type { Mask } from "../mask/mask.js";
import type { PixelWindow } from "../mask/window.js";
import type { Prompt } from "../prompt/prompt.js";
import type { Embedding } from "./embedding.js";
import { promptInWindow } from "./focus/prompt-in-window.js";
import type { Decoder } from "./placement.js";
import { promptKey } from "./prompt-key.js";
import type { ResultCache } from "./result-cache.js";
import { masksFromDecoded } from "./segment-result.js";

/** Objects that one decoder run takes at most: batches of 64 were no faster per object and held 850 MB while they ran. */
const MAX_OBJECTS_PER_RUN = 8;

/** A prompt, in pixels of the whole picture, and the part of the picture that the model is shown for it. */
export interface PromptView {
  readonly prompt: Prompt;
  /** Default: the whole picture. */
  readonly window?: PixelWindow | undefined;
}

/** The candidates for one prompt, best first. */
export interface PromptMasks {
  readonly masks: readonly Mask[];
  /** Whether they were remembered. */
  readonly cached: boolean;
}

export interface PromptDecodingParts {
  readonly image: ImageSize;
  readonly decoder: Decoder;
  readonly platform: Platform;
  readonly results: ResultCache;
  /** The content key of a result for a prompt with this text. */
  readonly resultKey: (prompt: string) => string;
  /** The embedding of the picture or of a part of it; asked for only when a prompt is not remembered. */
  readonly embedding: (window: PixelWindow | undefined, options: CallOptions) => Promise<Embedding>;
}

/**
 * Answers prompts about one picture, in order: from memory where possible, the rest in as few decoder runs as possible. The
 * masks are those of the whole picture, whatever part of it was shown.
 */
export async function decodePrompts(
  parts: PromptDecodingParts,
  views: readonly PromptView[],
  options: CallOptions,
): Promise<PromptMasks[]> {
  const { image, decoder, platform, results } = parts;
  const keys = results.enabled
    ? await Promise.all(views.map(async (view) => parts.resultKey(await viewKey(view, platform))))
    : [];
  const answers = views.map((_, index): PromptMasks | undefined => {
    const known = results.enabled ? results.get(keys[index]!) : undefined;
    return known && { masks: known.masks, cached: true };
  });
  const open = views.flatMap((view, index) => (answers[index] ? [] : [{ ...view, index }]));
  const perRun = decoder.abilities.batchObjects ? MAX_OBJECTS_PER_RUN : 1;
  for (const group of groupByWindow(open)) {
    const { window } = group[0]!;
    throwIfAborted(options.signal);
    const embedding = await parts.embedding(window, options);
    for (let start = 0; start < group.length; start += perRun) {
      throwIfAborted(options.signal);
      const batch = group.slice(start, start + perRun);
      const prompts = batch.map(({ prompt }) => (window ? promptInWindow(prompt, window) : prompt));
      const objects = await decoder.decode(embedding, prompts, options);
      for (const [position, { index }] of batch.entries()) {
        const masks = masksFromDecoded(objects[position]!, image, platform, window);
        answers[index] = { masks, cached: false };
        if (results.enabled) results.set(keys[index]!, { masks });
      }
    }
  }
  return answers as PromptMasks[];
}

async function viewKey({ prompt, window }: PromptView, platform: Platform): Promise<string> {
  const key = await promptKey(prompt, platform);
  return window ? `${key} in ${windowKey(window)}` : key;
}

/** One text for each part of a picture, for keys. */
export function windowKey({ x, y, width, height }: PixelWindow): string {
  return `${x},${y},${width},${height}`;
}

function groupByWindow<View extends PromptView>(views: readonly View[]): Iterable<View[]> {
  const groups = new Map<string, View[]>();
  for (const view of views) {
    const key = view.window ? windowKey(view.window) : "";
    const group = groups.get(key);
    if (group) group.push(view);
    else groups.set(key, [view]);
  }
  return groups.values();
}
