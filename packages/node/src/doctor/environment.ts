import { maskVariable } from "./mask-secrets.js";

/** Variables that change what Maskery or its engine does. Lower case counts too, as proxies are mostly written so. */
const telling = [
  /^MASKERY_/,
  /^(HTTP|HTTPS|ALL|NO)_PROXY$/,
  /^(ONNXRUNTIME|ORT)_/,
  /^HF_/,
  /^(CUDA|NVIDIA)_VISIBLE_DEVICES$/,
  /^VK_(ICD_FILENAMES|DRIVER_FILES)$/,
  /^(LD_LIBRARY_PATH|LD_PRELOAD|MALLOC_ARENA_MAX|OMP_NUM_THREADS)$/,
  /^(XDG_CACHE_HOME|LOCALAPPDATA)$/,
  /^(NODE_OPTIONS|UV_THREADPOOL_SIZE)$/,
];

/** The variables that matter, by name, fit to be shown. */
export function tellingVariables(environment: NodeJS.ProcessEnv = process.env): Record<string, string> {
  const found = Object.entries(environment)
    .filter(
      ([name, value]) => value !== undefined && telling.some((pattern) => pattern.test(name.toUpperCase())),
    )
    .sort(([left], [right]) => (left < right ? -1 : 1));
  return Object.fromEntries(found.map(([name, value]) => [name, maskVariable(name, value!)]));
}
