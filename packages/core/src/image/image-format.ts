/** Container formats that the SDK can name. What a codec reads and writes is its own list. */
export const imageFormats = ["jpeg", "png", "webp", "tiff", "gif", "avif", "bmp", "dicom"] as const;

export type ImageFormat = (typeof imageFormats)[number];

const startsWith = (bytes: Uint8Array, offset: number, signature: readonly number[]): boolean =>
  bytes.length >= offset + signature.length &&
  signature.every((byte, index) => bytes[offset + index] === byte);

const ascii = (text: string): number[] => [...text].map((character) => character.charCodeAt(0));

const signatures: readonly { format: ImageFormat; matches: (bytes: Uint8Array) => boolean }[] = [
  { format: "jpeg", matches: (bytes) => startsWith(bytes, 0, [0xff, 0xd8, 0xff]) },
  {
    format: "png",
    matches: (bytes) => startsWith(bytes, 0, [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
  },
  {
    format: "webp",
    matches: (bytes) => startsWith(bytes, 0, ascii("RIFF")) && startsWith(bytes, 8, ascii("WEBP")),
  },
  {
    format: "tiff",
    matches: (bytes) =>
      startsWith(bytes, 0, [0x49, 0x49, 0x2a, 0x00]) ||
      startsWith(bytes, 0, [0x4d, 0x4d, 0x00, 0x2a]) ||
      startsWith(bytes, 0, [0x49, 0x49, 0x2b, 0x00]) ||
      startsWith(bytes, 0, [0x4d, 0x4d, 0x00, 0x2b]),
  },
  { format: "gif", matches: (bytes) => startsWith(bytes, 0, ascii("GIF8")) },
  {
    format: "avif",
    matches: (bytes) => startsWith(bytes, 4, ascii("ftyp")) && hasAvifBrand(bytes),
  },
  { format: "bmp", matches: (bytes) => startsWith(bytes, 0, ascii("BM")) },
  { format: "dicom", matches: (bytes) => startsWith(bytes, 128, ascii("DICM")) },
];

/** Looks at the major brand and the compatible ones: files of several makers lead with the general `mif1`. */
function hasAvifBrand(bytes: Uint8Array): boolean {
  const boxLength = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getUint32(0);
  for (let offset = 8; offset + 4 <= Math.min(boxLength, bytes.length); offset += 4) {
    if (startsWith(bytes, offset, ascii("avif")) || startsWith(bytes, offset, ascii("avis"))) return true;
  }
  return false;
}

/** Names a format by its first bytes, never by a file name. Undefined when no signature fits. */
export function sniffImageFormat(bytes: Uint8Array): ImageFormat | undefined {
  return signatures.find((signature) => signature.matches(bytes))?.format;
}
