import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";

const importedFile = /(?:\bfrom|\bimport)\s*\(?\s*"\.\/([^"]+)"/g;

/**
 * Gzipped bytes of built modules with all the chunks they reach, as shipped: not minified, without dependencies.
 * @param {string} folder
 * @param {readonly string[]} entries - File names in that folder.
 */
export function gzipSizeOf(folder, entries) {
  /** @type {Map<string, string>} */
  const texts = new Map();
  /** @param {string} name */
  const visit = (name) => {
    if (texts.has(name)) return;
    const text = readFileSync(join(folder, name), "utf8");
    texts.set(name, text);
    for (const [, imported] of text.matchAll(importedFile)) {
      // A file that is copied as it is (graph-worker.mjs) names source files in its JSDoc types.
      if (imported && existsSync(join(folder, imported))) visit(imported);
    }
  };
  entries.forEach(visit);
  return gzipSync([...texts.values()].join("\n")).byteLength;
}
