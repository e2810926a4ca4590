import { loadSharp } from "../image/load-sharp.js";
import { checkSamePicture, readJpegHeader } from "./code-stream.js";
import { corruptDicom, describeThrown, unsupportedDicom } from "./dicom-failure.js";
import { decodeHuffmanJpeg } from "./jpeg/decode-huffman-jpeg.js";
import { isColour, type PixelFormat } from "./pixel-format.js";
import { type RawFrame, withFullColour } from "./raw-frame.js";
import type { TransferSyntax } from "./transfer-syntax.js";

/** APP14 of Adobe with transform 0: the components are RGB as they stand. */
const plainRgbMarker = Uint8Array.of(
  ...[0xff, 0xee, 0, 14, 0x41, 0x64, 0x6f, 0x62, 0x65, 0, 100, 0, 0, 0, 0, 0],
);

/**
 * Decodes JPEG baseline and 8-bit extended with sharp, where colours arrive as RGB, and 12-bit extended with our own
 * decoder, as libjpeg built for sharp lacks it.
 * @throws MaskeryError `CORRUPT_IMAGE`, `UNSUPPORTED_FORMAT`.
 */
export async function decodeJpeg(
  bytes: Uint8Array,
  format: PixelFormat,
  syntax: TransferSyntax,
): Promise<RawFrame> {
  const header = readJpegHeader(bytes);
  checkSamePicture(header, format);
  if (header.process > 2 || (header.bitsPerSample !== 8 && header.process !== 1))
    throw unsupportedDicom(
      `expected ${syntax.name}, received JPEG process ${header.process} of ${header.bitsPerSample} bits`,
    );
  if (header.bitsPerSample !== 8)
    return {
      samples: decodeHuffmanJpeg(bytes, format),
      planar: false,
      photometric: withFullColour(format.photometric),
    };
  // Without a marker libjpeg takes three components for YCbCr.
  const needsMarker = format.photometric === "RGB" && !header.hasColourMarker;
  const stream = needsMarker
    ? Buffer.concat([bytes.subarray(0, 2), plainRgbMarker, bytes.subarray(2)])
    : bytes;
  const colour = isColour(format.photometric);
  const sharp = await loadSharp();
  try {
    const { data, info } = await sharp(stream, {
      failOn: "error",
      limitInputPixels: format.width * format.height,
    })
      .toColourspace(colour ? "srgb" : "b-w")
      .raw({ depth: "uchar" })
      .toBuffer({ resolveWithObject: true });
    if (info.channels !== format.samplesPerPixel)
      throw `expected ${format.samplesPerPixel} channels, received ${info.channels}`;
    return { samples: data, planar: false, photometric: colour ? "RGB" : format.photometric };
  } catch (error) {
    throw corruptDicom(`expected a complete JPEG frame: ${describeThrown(error)}`, error);
  }
}

/** @throws MaskeryError `CORRUPT_IMAGE`, `UNSUPPORTED_FORMAT`. */
export function decodeLosslessJpeg(bytes: Uint8Array, format: PixelFormat): RawFrame {
  const { process } = readJpegHeader(bytes);
  if (process !== 3) throw corruptDicom(`expected a lossless JPEG frame, received process ${process}`);
  const photometric = withFullColour(format.photometric);
  return { samples: decodeHuffmanJpeg(bytes, format), planar: false, photometric };
}
