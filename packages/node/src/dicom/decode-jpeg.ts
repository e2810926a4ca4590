import { loadSharp } from "../image/load-sharp.js";
import { checkSameSize, readJpegHeader } from "./code-stream.js";
import { corruptDicom, describeThrown, unsupportedDicom } from "./dicom-failure.js";
import { loadOptional } from "./load-optional.js";
import { isColour, type PixelFormat } from "./pixel-format.js";
import { type RawFrame, sampleCount } from "./raw-frame.js";
import type { TransferSyntax } from "./transfer-syntax.js";

/** APP14 of Adobe with transform 0: the components are RGB as they stand. */
const plainRgbMarker = Uint8Array.of(
  ...[0xff, 0xee, 0, 14, 0x41, 0x64, 0x6f, 0x62, 0x65, 0, 100, 0, 0, 0, 0, 0],
);

/**
 * Decodes JPEG baseline and 8-bit extended with sharp. Colours arrive as RGB.
 * @throws MaskeryError `CORRUPT_IMAGE`; `UNSUPPORTED_FORMAT` for 12 bits, which libjpeg as built for sharp lacks.
 */
export async function decodeJpeg(
  bytes: Uint8Array,
  format: PixelFormat,
  syntax: TransferSyntax,
): Promise<RawFrame> {
  const header = readJpegHeader(bytes);
  checkSameSize(header, format);
  if (header.bitsPerSample !== 8 || header.process > 2)
    throw unsupportedDicom(
      `expected 8 bits a sample in ${syntax.name}, received ${header.bitsPerSample} (process ${header.process})`,
    );
  if (header.components !== format.samplesPerPixel)
    throw corruptDicom(`expected ${format.samplesPerPixel} JPEG components, received ${header.components}`);
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

interface LosslessModule {
  readonly Decoder: new () => {
    decode(
      buffer: ArrayBufferLike,
      offset: number,
      length: number,
      bytesPerSample: number,
    ): Uint8Array | Uint16Array | null;
  };
}

/** @throws MaskeryError `CORRUPT_IMAGE`, `UNSUPPORTED_FORMAT` when the package is missing. */
export async function decodeLosslessJpeg(bytes: Uint8Array, format: PixelFormat): Promise<RawFrame> {
  const packageName = "jpeg-lossless-decoder-js";
  const { Decoder } = await loadOptional(
    packageName,
    // @ts-expect-error The package carries no types.
    () => import("jpeg-lossless-decoder-js") as Promise<LosslessModule>,
  );
  const header = readJpegHeader(bytes);
  checkSameSize(header, format);
  if (header.process !== 3)
    throw corruptDicom(`expected a lossless JPEG frame, received process ${header.process}`);
  if (header.components !== format.samplesPerPixel)
    throw corruptDicom(`expected ${format.samplesPerPixel} JPEG components, received ${header.components}`);
  if (header.components === 3 && header.bitsPerSample > 8)
    throw unsupportedDicom("expected lossless JPEG in colour with 8 bits a sample, received more");
  checkEndOfImage(bytes);
  let samples: Uint8Array | Uint16Array | null;
  try {
    samples = new Decoder().decode(
      bytes.buffer,
      bytes.byteOffset,
      bytes.length,
      header.bitsPerSample > 8 ? 2 : 1,
    );
  } catch (error) {
    throw corruptDicom(`expected a complete lossless JPEG frame: ${describeThrown(error)}`, error);
  }
  if (samples?.length !== sampleCount(format))
    throw corruptDicom(`expected ${sampleCount(format)} samples, received ${samples?.length ?? 0}`);
  return { samples, planar: false, photometric: format.photometric };
}

/** The decoder reads on past the end of its bytes as if there were zeros: a cut stream has to be found before. */
function checkEndOfImage(bytes: Uint8Array): void {
  // Fragments are padded to an even length.
  for (let end = bytes.length; end >= 2 && end > bytes.length - 4; end -= 1)
    if (bytes[end - 2] === 0xff && bytes[end - 1] === 0xd9) return;
  throw corruptDicom("expected a complete lossless JPEG frame, found no end mark");
}
