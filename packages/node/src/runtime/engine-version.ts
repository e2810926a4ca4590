import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

/**
 * Name and version of the engine, read from its package: loading the engine for that would cost 50 MB and a
 * second.
 */
export function engineName(): string {
  const name = "onnxruntime-node";
  try {
    const path = createRequire(import.meta.url).resolve(`${name}/package.json`);
    const { version } = JSON.parse(readFileSync(path, "utf8")) as { version: string };
    return `${name} ${version}`;
  } catch {
    return name;
  }
}
