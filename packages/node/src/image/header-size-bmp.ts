import type { ImageSize } from "@maskery/core";

export const fileHeaderBytes = 14;
/** BITMAPCOREHEADER of OS/2 1.x and Windows 2; all later headers have 32-bit sizes. */
export const coreHeaderBytes = 12;

export function bmpSize(view: DataView): ImageSize | undefined {
  const { width, height } = signedBmpSize(view, view.getUint32(fileHeaderBytes, true));
  return width > 0 && height !== 0 ? { width, height: Math.abs(height) } : undefined;
}

/** As the header states it: a negative height is that of a picture stored from top to bottom. */
export function signedBmpSize(view: DataView, headerBytes: number): ImageSize {
  return headerBytes === coreHeaderBytes
    ? { width: view.getUint16(18, true), height: view.getUint16(20, true) }
    : { width: view.getInt32(18, true), height: view.getInt32(22, true) };
}
