import type { Platform } from "../backend/platform.js";
import type { LoadedImage } from "./image-source.js";

/**
 * Hash of a picture's content: of the encoded bytes, or of size and pixels for decoded pictures. Equal pictures in
 * different containers hash differently; that costs a cache miss, never a wrong hit.
 */
export function hashImage(loaded: LoadedImage, platform: Pick<Platform, "sha256">): Promise<string> {
  if (loaded.kind === "encoded") return platform.sha256([Uint8Array.of(0), loaded.bytes]);
  const { width, height, data } = loaded.image;
  const header = new Uint8Array(9);
  const view = new DataView(header.buffer);
  view.setUint8(0, 1); // keeps the two kinds apart
  view.setUint32(1, width);
  view.setUint32(5, height);
  return platform.sha256([header, new Uint8Array(data.buffer, data.byteOffset, data.byteLength)]);
}
