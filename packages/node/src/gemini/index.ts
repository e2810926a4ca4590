export type { GeminiDescriberOptions, GeminiSafetySetting } from "./gemini-options.js";
export { createGenAiDescriber } from "./genai-describer.js";
export { createGeminiDescriber } from "./generative-ai-describer.js";
