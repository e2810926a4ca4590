import { existsSync, readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

const packageName = "onnxruntime-node";

/** The engine's package, found and read without loading the engine: that would cost 50 MB and a second. */
export interface EnginePackage {
  /** Name and version, as far as they are known. */
  readonly name: string;
  readonly version: string | undefined;
  /** The folder of its native libraries for this platform. */
  readonly libraryFolder: string | undefined;
}

let found: EnginePackage | undefined;

export function enginePackage(): EnginePackage {
  found ??= findPackage();
  return found;
}

function findPackage(): EnginePackage {
  try {
    const path = createRequire(import.meta.url).resolve(`${packageName}/package.json`);
    const { version } = JSON.parse(readFileSync(path, "utf8")) as { version: string };
    return { name: `${packageName} ${version}`, version, libraryFolder: findLibraries(dirname(path)) };
  } catch {
    return { name: packageName, version: undefined, libraryFolder: undefined };
  }
}

/** `bin/napi-v6/linux/x64`, whatever the number. */
function findLibraries(packageFolder: string): string | undefined {
  const binaries = join(packageFolder, "bin");
  const interfaces = readdirSync(binaries).filter((name) => name.startsWith("napi-"));
  return interfaces
    .map((name) => join(binaries, name, process.platform, process.arch))
    .find((folder) => existsSync(folder));
}
