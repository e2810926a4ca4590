import type { SafetySetting } from "@google/genai";
import type { Describer } from "@maskery/core";
import { describeWithGemini, type GeminiClient, loadPackage } from "./describe-with-gemini.js";
import type { GeminiDescriberOptions } from "./gemini-options.js";
import { failureOfStatus } from "./retry.js";

/**
 * Describes with Gemini through `@google/genai`, the supported successor of `@google/generative-ai`; it must be installed
 * beside this package. Pictures leave this machine, reduced in size.
 * @throws MaskeryError `INVALID_INPUT` naming the option at fault.
 */
export function createGenAiDescriber(options: GeminiDescriberOptions = {}): Describer {
  return describeWithGemini("gemini-genai", options, loadClient);
}

async function loadClient(): Promise<GeminiClient> {
  const { ApiError, GoogleGenAI } = await loadPackage(() => import("@google/genai"), "@google/genai");
  return {
    async ask({ prompt, picture }, { apiKey, model, safetySettings, baseUrl, timeoutMs }, signal) {
      const client = new GoogleGenAI({
        apiKey,
        httpOptions: { timeout: timeoutMs, ...(baseUrl !== undefined && { baseUrl }) },
      });
      const response = await client.models.generateContent({
        model,
        contents: [
          {
            role: "user",
            parts: [{ text: prompt }, { inlineData: { mimeType: "image/jpeg", data: picture } }],
          },
        ],
        config: {
          abortSignal: signal,
          ...(safetySettings && { safetySettings: safetySettings as SafetySetting[] }),
        },
      });
      const [candidate] = response.candidates ?? [];
      return {
        text: (candidate?.content?.parts ?? []).map((part) => part.text ?? "").join(""),
        blocked:
          response.promptFeedback?.blockReason ??
          (candidate?.finishReason === "STOP" ? undefined : candidate?.finishReason),
      };
    },
    describeFailure: (error) => failureOfStatus(error instanceof ApiError ? error.status : undefined, error),
  };
}
