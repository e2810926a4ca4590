import { homedir } from "node:os";
import { isAbsolute, join, resolve } from "node:path";

/**
 * Where things lie that can be made again: `MASKERY_CACHE_DIR`, else the platform's place for caches, under `maskery`.
 * Nothing is created here.
 */
export function userCacheFolder(environment: NodeJS.ProcessEnv = process.env): string {
  const own = environment["MASKERY_CACHE_DIR"];
  if (own) return resolve(own);
  return join(platformCacheFolder(environment), "maskery");
}

function platformCacheFolder(environment: NodeJS.ProcessEnv): string {
  switch (process.platform) {
    case "win32":
      return environment["LOCALAPPDATA"] || join(homedir(), "AppData", "Local");
    case "darwin":
      return join(homedir(), "Library", "Caches");
    default: {
      const folder = environment["XDG_CACHE_HOME"];
      // The standard says to ignore relative paths.
      return folder && isAbsolute(folder) ? folder : join(homedir(), ".cache");
    }
  }
}
