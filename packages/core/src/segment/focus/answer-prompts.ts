import type { CallOptions } from "../../cancellation.js";
import { decodePrompts, type PromptDecodingParts } from "../prompt-decoding.js";
import { type FocusedPrompt, Look, type PromptAnswer } from "./look.js";

/**
 * Answers prompts about one picture, in order. Those with a focus are shown to the model again, in crops that come closer to the
 * object; in each round prompts that look at the same part of the picture share a run.
 * @throws MaskeryError `INVALID_INPUT` for a part of the picture that does not hold its prompt; what encoder and decoder throw.
 */
export async function answerPrompts(
  parts: PromptDecodingParts,
  prompts: readonly FocusedPrompt[],
  options: CallOptions,
): Promise<PromptAnswer[]> {
  const looks = prompts.map((prompt) => new Look(prompt, parts.image));
  for (;;) {
    const open = looks.filter((look) => look.next !== undefined);
    if (open.length === 0) return looks.map((look) => look.answer);
    const views = open.map((look) => look.next!);
    const answers = await decodePrompts(parts, views, options);
    for (const [index, look] of open.entries()) look.take(answers[index]!, parts.decoder.abilities.maskInput);
  }
}
