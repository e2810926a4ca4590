import { abortError, checkDescribed, type Describer, invalidInput, MaskeryError } from "@maskery/core";
import {
  type GeminiDescriberOptions,
  type ResolvedGeminiOptions,
  resolveGeminiOptions,
} from "./gemini-options.js";
import { type GeminiQuestion, makeQuestion } from "./gemini-question.js";
import { plainText } from "./plain-text.js";
import { askWithRetries, type ServiceFailure } from "./retry.js";

/** What a client library answers, brought to one form. */
export interface GeminiAnswer {
  /** Empty when the service said nothing. */
  readonly text: string;
  /** Why the service would not answer, in its own words. */
  readonly blocked?: string | undefined;
}

/** One client library of Gemini. */
export interface GeminiClient {
  ask(question: GeminiQuestion, options: ResolvedGeminiOptions, signal: AbortSignal): Promise<GeminiAnswer>;
  describeFailure(error: unknown): ServiceFailure;
}

/** A describer over either client; everything but the call itself is the same. */
export function describeWithGemini(
  name: string,
  given: GeminiDescriberOptions,
  loadClient: () => Promise<GeminiClient>,
): Describer {
  const options = resolveGeminiOptions(given);
  let client: Promise<GeminiClient> | undefined;
  return {
    contractVersion: 1,
    name,
    id: JSON.stringify([
      name,
      options.model,
      options.prompt,
      options.safetySettings,
      options.maxImageSidePixels,
      options.maxTextLength,
    ]),
    abilities: { network: true, maxTextLength: options.maxTextLength },
    async describe(image, masks, { signal: outer } = {}) {
      if (outer?.aborted) throw abortError(outer);
      checkDescribed(image, masks);
      client ??= loadClient().catch((error: unknown) => {
        client = undefined;
        throw error;
      });
      const limit = AbortSignal.timeout(options.timeoutMs);
      const signal = outer ? AbortSignal.any([outer, limit]) : limit;
      const { ask, describeFailure } = await client;
      const question = await makeQuestion(image, masks, options, signal);
      const answer = await askWithRetries(
        () => ask(question, options, signal),
        describeFailure,
        options.maxAttempts,
        signal,
      );
      const text = plainText(answer.text, options.maxTextLength);
      if (text !== "") return { text, source: name };
      throw new MaskeryError(
        "UPSTREAM_FAILED",
        answer.blocked ? `Gemini blocked the answer (${answer.blocked}).` : "Gemini gave an empty answer.",
      );
    },
  };
}

/** Loads an optional package. @throws MaskeryError `INVALID_INPUT` that says what to install. */
export async function loadPackage<T>(load: () => Promise<T>, packageName: string): Promise<T> {
  try {
    return await load();
  } catch (cause) {
    throw invalidInput("describer", `the package ${packageName}: npm install ${packageName}`, "none", cause);
  }
}
