import { invalidInput } from "@maskery/core";

/** One safety rule, by the service's own names: `HARM_CATEGORY_HARASSMENT`, `BLOCK_ONLY_HIGH`. */
export interface GeminiSafetySetting {
  readonly category: string;
  readonly threshold: string;
}

export interface GeminiDescriberOptions {
  /** Key of the Gemini API. Default: the environment's `GEMINI_API_KEY`, else `GOOGLE_API_KEY`. */
  readonly apiKey?: string;
  /** Default `"gemini-2.5-flash"`. */
  readonly model?: string;
  /** What to ask. Default: a description of the segmented picture. */
  readonly prompt?: string;
  /** Default: the service's own. */
  readonly safetySettings?: readonly GeminiSafetySetting[];
  /** The longer side of the picture that is sent, in pixels, at most. Default 1024. */
  readonly maxImageSidePixels?: number;
  /** No description is longer, in UTF-16 code units. Default 2000. */
  readonly maxTextLength?: number;
  /** Milliseconds for the whole call, all attempts and pauses included. Default 20,000. */
  readonly timeoutMs?: number;
  /** Attempts in all when the service is busy or fails. Default 3. */
  readonly maxAttempts?: number;
  /** Address of the service. Default: Google's. */
  readonly baseUrl?: string;
}

export interface ResolvedGeminiOptions
  extends Required<Omit<GeminiDescriberOptions, "safetySettings" | "baseUrl">> {
  readonly safetySettings: readonly GeminiSafetySetting[] | undefined;
  readonly baseUrl: string | undefined;
}

const DEFAULT_PROMPT =
  "Describe what you see in this segmented image. Explain the different segments and their relationships. " +
  "Answer in plain text without markup, in at most 150 words.";

/** @throws MaskeryError `INVALID_INPUT` naming the option at fault; without a key, `apiKey`. */
export function resolveGeminiOptions(options: GeminiDescriberOptions): ResolvedGeminiOptions {
  const apiKey = options.apiKey ?? process.env["GEMINI_API_KEY"] ?? process.env["GOOGLE_API_KEY"];
  if (apiKey === undefined || apiKey.trim() === "") {
    throw invalidInput("apiKey", "a key of the Gemini API, here or as GEMINI_API_KEY", apiKey);
  }
  return {
    apiKey,
    model: options.model ?? "gemini-2.5-flash",
    prompt: options.prompt ?? DEFAULT_PROMPT,
    safetySettings: options.safetySettings,
    maxImageSidePixels: wholeNumber("maxImageSidePixels", options.maxImageSidePixels ?? 1024),
    maxTextLength: wholeNumber("maxTextLength", options.maxTextLength ?? 2000),
    timeoutMs: wholeNumber("timeoutMs", options.timeoutMs ?? 20_000),
    maxAttempts: wholeNumber("maxAttempts", options.maxAttempts ?? 3),
    baseUrl: options.baseUrl,
  };
}

function wholeNumber(field: string, value: number): number {
  if (Number.isSafeInteger(value) && value >= 1) return value;
  throw invalidInput(field, "a whole number of at least 1", value);
}
