import { createHash } from "node:crypto";
import { setImmediate as nextTurn } from "node:timers/promises";
import type { ImageCodec, Platform } from "@maskery/core";
import { createSharpCodec } from "./image/sharp-codec.js";
import { readImageReference } from "./read-image-reference.js";
import { writeImageFile } from "./write-image-file.js";

export interface NodePlatformOptions {
  /** Reads and writes pictures. Default: sharp. */
  readonly codec?: ImageCodec;
}

/**
 * Hashed without a pause: a few milliseconds of the thread at most, even where the processor has no help for
 * SHA-256.
 */
const hashChunkBytes = 2 * 1024 * 1024;

/** What core needs from Node. Nothing heavy is loaded before it is used. */
export function createNodePlatform({ codec = createSharpCodec() }: NodePlatformOptions = {}): Platform {
  return {
    codec,
    sha256,
    readImage: readImageReference,
    writeFile: writeImageFile,
    now: () => performance.now(),
  };
}

/** Lets the event loop turn between chunks: the pixels of one large picture take tens of milliseconds. */
async function sha256(parts: readonly Uint8Array[]): Promise<string> {
  const hash = createHash("sha256");
  let sincePause = 0;
  for (const part of parts) {
    for (let offset = 0; offset < part.byteLength; offset += hashChunkBytes) {
      const chunk = part.subarray(offset, offset + hashChunkBytes);
      if (sincePause + chunk.byteLength > hashChunkBytes) {
        await nextTurn();
        sincePause = 0;
      }
      hash.update(chunk);
      sincePause += chunk.byteLength;
    }
  }
  return hash.digest("hex");
}
