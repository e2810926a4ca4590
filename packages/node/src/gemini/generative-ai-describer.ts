import type { SafetySetting } from "@google/generative-ai";
import type { Describer } from "@maskery/core";
import { describeWithGemini, type GeminiClient, loadPackage } from "./describe-with-gemini.js";
import type { GeminiDescriberOptions } from "./gemini-options.js";
import { failureOfStatus } from "./retry.js";

/**
 * Describes with Gemini through `@google/generative-ai`, which must be installed beside this package. Pictures leave this
 * machine, reduced in size.
 * @throws MaskeryError `INVALID_INPUT` naming the option at fault.
 */
export function createGeminiDescriber(options: GeminiDescriberOptions = {}): Describer {
  return describeWithGemini("gemini", options, loadClient);
}

async function loadClient(): Promise<GeminiClient> {
  const { GoogleGenerativeAI, GoogleGenerativeAIFetchError } = await loadPackage(
    () => import("@google/generative-ai"),
    "@google/generative-ai",
  );
  return {
    async ask({ prompt, picture }, { apiKey, model, safetySettings, baseUrl, timeoutMs }, signal) {
      const generator = new GoogleGenerativeAI(apiKey).getGenerativeModel(
        { model, ...(safetySettings && { safetySettings: safetySettings as SafetySetting[] }) },
        { timeout: timeoutMs, ...(baseUrl !== undefined && { baseUrl }) },
      );
      const { response } = await generator.generateContent(
        [{ text: prompt }, { inlineData: { mimeType: "image/jpeg", data: picture } }],
        { signal },
      );
      const [candidate] = response.candidates ?? [];
      return {
        text: (candidate?.content?.parts ?? []).map((part) => part.text ?? "").join(""),
        blocked:
          response.promptFeedback?.blockReason ??
          (candidate?.finishReason === "STOP" ? undefined : candidate?.finishReason),
      };
    },
    describeFailure: (error) =>
      failureOfStatus(error instanceof GoogleGenerativeAIFetchError ? error.status : undefined, error),
  };
}
