import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { referenceStyle } from "./reference-style.js";
import { swaggerStart } from "./swagger-page.js";

export interface DocumentationFile {
  readonly content: string | Uint8Array<ArrayBuffer>;
  readonly contentType: string;
}

const script = "text/javascript; charset=utf-8";
const style = "text/css; charset=utf-8";

/** Files of swagger-ui-dist, which the build copies beside the built modules. */
const copied: Readonly<Record<string, string>> = {
  "swagger-ui-bundle.js": script,
  "swagger-ui.css": style,
};

/** A file of the documentation pages; undefined for any other name. */
export async function documentationFile(name: string): Promise<DocumentationFile | undefined> {
  if (name === "start.js") return { content: swaggerStart, contentType: script };
  if (name === "reference.css") return { content: referenceStyle, contentType: style };
  if (!Object.hasOwn(copied, name)) return undefined;
  return { content: new Uint8Array(await readFile(pathOf(name))), contentType: copied[name]! };
}

function pathOf(name: string): string {
  const built = fileURLToPath(new URL(`docs-files/${name}`, import.meta.url));
  // Run from its sources, the package has nothing copied yet.
  return existsSync(built) ? built : createRequire(import.meta.url).resolve(`swagger-ui-dist/${name}`);
}
