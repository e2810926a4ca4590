import type { ImageSize } from "@maskery/core";
import { corruptDicom } from "./dicom-failure.js";

export interface CodeStreamHeader extends ImageSize {
  readonly bitsPerSample: number;
  readonly components: number;
  /** Process of a JPEG frame: 0 baseline, 1 extended, 3 lossless, 0x37 JPEG-LS. */
  readonly process: number;
  readonly hasColourMarker: boolean;
}

/**
 * Size and depth as the first frame header of a JPEG or JPEG-LS stream states them, so that no library is given a
 * stream whose picture is not the one that the file promises.
 * @throws MaskeryError `CORRUPT_IMAGE`.
 */
export function readJpegHeader(bytes: Uint8Array): CodeStreamHeader {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let hasColourMarker = false;
  try {
    for (let offset = 2; view.getUint16(0) === 0xffd8; ) {
      if (view.getUint8(offset) !== 0xff) break;
      const marker = view.getUint8(offset + 1);
      if (marker === 0xff) {
        offset += 1;
        continue;
      }
      // APP0 (JFIF) and APP14 (Adobe) say what the components are.
      if (marker === 0xe0 || marker === 0xee) hasColourMarker = true;
      const isFrame =
        marker === 0xf7 ||
        (marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc);
      if (isFrame) {
        return {
          process: marker & 0x3f,
          bitsPerSample: view.getUint8(offset + 4),
          height: view.getUint16(offset + 5),
          width: view.getUint16(offset + 7),
          components: view.getUint8(offset + 9),
          hasColourMarker,
        };
      }
      if (marker === 0xda || marker === 0xd9) break;
      offset += 2 + view.getUint16(offset + 2);
    }
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
  }
  throw corruptDicom("expected a JPEG frame header, found none");
}

/** Size of a JPEG 2000 code stream (its SIZ segment); undefined when it lies in a box instead. */
export function readJpeg2000Size(bytes: Uint8Array): ImageSize | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < 24 || view.getUint32(0) !== 0xff4fff51) return undefined;
  return { width: view.getUint32(8) - view.getUint32(16), height: view.getUint32(12) - view.getUint32(20) };
}

/** @throws MaskeryError `CORRUPT_IMAGE` when the stream holds another picture than the file promises. */
export function checkSameSize(found: ImageSize, promised: ImageSize): void {
  if (found.width !== promised.width || found.height !== promised.height)
    throw corruptDicom(
      `expected a frame of ${promised.width} × ${promised.height}, received one of ${found.width} × ${found.height}`,
    );
}
