import type { Prompt } from "../prompt/prompt.js";
import type { DecodedObject } from "./layout.js";

/**
 * Decodes prompts that cannot all share a run: those of equal key go together, and the results come in the prompts' order.
 */
export async function decodeInGroups(
  prompts: readonly Prompt[],
  keyOf: (prompt: Prompt, index: number) => unknown,
  decodeGroup: (group: readonly Prompt[]) => Promise<readonly DecodedObject[]>,
): Promise<DecodedObject[]> {
  const indicesByKey = new Map<unknown, number[]>();
  for (const [index, prompt] of prompts.entries()) {
    const key = keyOf(prompt, index);
    const indices = indicesByKey.get(key);
    if (indices) indices.push(index);
    else indicesByKey.set(key, [index]);
  }
  const decoded = new Array<DecodedObject>(prompts.length);
  for (const indices of indicesByKey.values()) {
    const objects = await decodeGroup(indices.map((index) => prompts[index]!));
    for (const [position, index] of indices.entries()) decoded[index] = objects[position]!;
  }
  return decoded;
}

/** Decodes prompts that can share no run, one after another. */
export async function decodeEach(
  prompts: readonly Prompt[],
  decode: (prompt: Prompt) => Promise<DecodedObject>,
): Promise<DecodedObject[]> {
  const decoded: DecodedObject[] = [];
  for (const prompt of prompts) decoded.push(await decode(prompt));
  return decoded;
}
