import type { ImageSize } from "@maskery/core";
import { corruptDicom } from "./dicom-failure.js";
import type { PixelFormat } from "./pixel-format.js";

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

const jp2Signature = 0x0000000c;
const codeStreamBox = 0x6a703263;
const startOfJpeg2000 = 0xff4fff51;

/**
 * Size and components of a JPEG 2000 code stream as its SIZ segment states them. Medical files hold the stream bare;
 * some writers leave it in the boxes of a JP2 file.
 * @throws MaskeryError `CORRUPT_IMAGE`.
 */
export function readJpeg2000Header(bytes: Uint8Array): ImageSize & { readonly components: number } {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  try {
    const start = view.getUint32(0) === jp2Signature ? findCodeStream(view) : 0;
    if (view.getUint32(start) === startOfJpeg2000)
      return {
        width: view.getUint32(start + 8) - view.getUint32(start + 16),
        height: view.getUint32(start + 12) - view.getUint32(start + 20),
        components: view.getUint16(start + 40),
      };
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
  }
  throw corruptDicom("expected a JPEG 2000 header, found none");
}

/** Boxes begin with their length and their type; the stream lies behind those of its box. */
function findCodeStream(view: DataView): number {
  let offset = 0;
  while (view.getUint32(offset + 4) !== codeStreamBox) {
    const length = view.getUint32(offset);
    // 0 and 1 stand for "to the end" and for lengths of 64 bits: neither comes before a stream of this size.
    if (length < 8) throw corruptDicom("expected a JPEG 2000 code stream in its boxes, found none");
    offset += length;
  }
  return offset + (view.getUint32(offset) === 1 ? 16 : 8);
}

/** @throws MaskeryError `CORRUPT_IMAGE` when the stream holds another picture than the file promises. */
export function checkSamePicture(
  found: ImageSize & { readonly components: number },
  promised: PixelFormat,
): void {
  if (found.components !== promised.samplesPerPixel)
    throw corruptDicom(
      `expected ${promised.samplesPerPixel} components in the frame, received ${found.components}`,
    );
  if (found.width !== promised.width || found.height !== promised.height)
    throw corruptDicom(
      `expected a frame of ${promised.width} × ${promised.height}, received one of ${found.width} × ${found.height}`,
    );
}
