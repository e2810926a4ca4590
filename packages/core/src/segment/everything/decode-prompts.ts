import { waitUnlessAborted } from "../../cancellation.js";
import type { DecodedObject } from "../../model/layout.js";
import type { Prompt } from "../../prompt/prompt.js";
import type { Embedding } from "../embedding.js";
import type { Decoder } from "../placement.js";
import type { GridPoint } from "./options.js";

/** Decodes prompts in one run where the decoder takes several, else one by one with the next already on its way. */
export async function decodePrompts(
  decoder: Decoder,
  embedding: Embedding,
  prompts: readonly Prompt[],
  signal: AbortSignal,
): Promise<readonly DecodedObject[]> {
  const decode = (some: readonly Prompt[]) => {
    const work = waitUnlessAborted(decoder.decode(embedding, some, { signal }), signal);
    work.catch(() => undefined);
    return work;
  };
  if (decoder.abilities.batchObjects) return decode(prompts);
  const objects: DecodedObject[] = [];
  let next = decode(prompts.slice(0, 1));
  for (let index = 0; index < prompts.length; index++) {
    const current = next;
    if (index + 1 < prompts.length) next = decode([prompts[index + 1]!]);
    objects.push(...(await current));
  }
  return objects;
}

export function pointPrompt([x, y]: GridPoint): Prompt {
  return { points: [{ x, y, label: 1 }] };
}
