// Injected by tsup.config.ts into CommonJS builds, where `import.meta.url` does not exist and becomes `moduleUrl`.
// tsup's own shim concatenates "file:" and the path, which breaks for paths with "#" or "%" in them.
import { pathToFileURL } from "node:url";

export const moduleUrl = pathToFileURL(__filename).href;
