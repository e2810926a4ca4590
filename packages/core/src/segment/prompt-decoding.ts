import type { Platform } from "../backend/platform.js";
import { type CallOptions, throwIfAborted } from "../cancellation.js";
import type { ImageSize } from "../image/rgba-image.js";
import type { Mask } from "../mask/mask.js";
import type { Prompt } from "../prompt/prompt.js";
import type { Embedding } from "./embedding.js";
import type { Decoder } from "./placement.js";
import { promptKey } from "./prompt-key.js";
import type { ResultCache } from "./result-cache.js";
import { masksFromDecoded } from "./segment-result.js";

/** Objects that one decoder run takes at most: batches of 64 were no faster per object and held 850 MB while they ran. */
const MAX_OBJECTS_PER_RUN = 8;

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
  /** The picture's embedding; asked for only when a prompt is not remembered. */
  readonly embedding: (options: CallOptions) => Promise<Embedding>;
}

/** Answers prompts about one picture, in order: from memory where possible, the rest in as few decoder runs as possible. */
export async function decodePrompts(
  parts: PromptDecodingParts,
  prompts: readonly Prompt[],
  options: CallOptions,
): Promise<PromptMasks[]> {
  const { image, decoder, platform, results } = parts;
  const keys = results.enabled
    ? await Promise.all(prompts.map(async (prompt) => parts.resultKey(await promptKey(prompt, platform))))
    : [];
  const answers = prompts.map((_, index): PromptMasks | undefined => {
    const masks = results.enabled ? results.get(keys[index]!) : undefined;
    return masks && { masks, cached: true };
  });
  const open = prompts.flatMap((prompt, index) => (answers[index] ? [] : [{ prompt, index }]));
  if (open.length > 0) {
    const embedding = await parts.embedding(options);
    const perRun = decoder.abilities.batchObjects ? MAX_OBJECTS_PER_RUN : 1;
    for (let start = 0; start < open.length; start += perRun) {
      throwIfAborted(options.signal);
      const batch = open.slice(start, start + perRun);
      const objects = await decoder.decode(
        embedding,
        batch.map(({ prompt }) => prompt),
        options,
      );
      for (const [position, { index }] of batch.entries()) {
        const masks = masksFromDecoded(objects[position]!, image, platform);
        answers[index] = { masks, cached: false };
        if (results.enabled) results.set(keys[index]!, masks);
      }
    }
  }
  return answers as PromptMasks[];
}
