import { checkSamePicture, readJpeg2000Header, readJpegHeader } from "./code-stream.js";
import { decodeJpeg, decodeLosslessJpeg } from "./decode-jpeg.js";
import { corruptDicom } from "./dicom-failure.js";
import { loadOptional } from "./load-optional.js";
import type { PixelFormat } from "./pixel-format.js";
import { type RawFrame, sampleCount, samplesFromBytes, withFullColour } from "./raw-frame.js";
import { unpackRunLength } from "./run-length.js";
import type { TransferSyntax } from "./transfer-syntax.js";
import { WasmCodec, type WasmFactory } from "./wasm-codec.js";

const jpeg2000 = new WasmCodec("JPEG 2000", () =>
  loadOptional("@cornerstonejs/codec-openjpeg", async () => {
    // @ts-expect-error The package carries no types.
    const { default: factory } = await import("@cornerstonejs/codec-openjpeg/decodewasmjs");
    return factory as WasmFactory;
  }),
);
const jpegLs = new WasmCodec("JPEG-LS", () =>
  loadOptional("@cornerstonejs/codec-charls", async () => {
    // @ts-expect-error The package carries no types.
    const { default: factory } = await import("@cornerstonejs/codec-charls/decodewasmjs");
    return factory as WasmFactory;
  }),
);

/** Component after component, instead of pixel by pixel. */
const interleaveNone = 0;

/** @throws MaskeryError `CORRUPT_IMAGE`, `UNSUPPORTED_FORMAT`. */
export async function decodeRawFrame(
  bytes: Uint8Array,
  format: PixelFormat,
  syntax: TransferSyntax,
): Promise<RawFrame> {
  const { photometric, bitsAllocated, planar } = format;
  switch (syntax.coding) {
    case "native":
      return { samples: samplesFromBytes(bytes, bitsAllocated, syntax.bigEndian), planar, photometric };
    case "run-length": {
      const samples = samplesFromBytes(unpackRunLength(bytes, format), bitsAllocated);
      return { samples, planar: true, photometric: withFullColour(photometric) };
    }
    case "jpeg":
      return decodeJpeg(bytes, format, syntax);
    case "jpeg-lossless":
      return decodeLosslessJpeg(bytes, format);
    case "jpeg-ls": {
      checkSamePicture(readJpegHeader(bytes), format);
      const decoded = await jpegLs.decode(bytes, format);
      const samples = checkCount(samplesFromBytes(decoded.bytes, decoded.bitsPerSample), format);
      return {
        samples,
        planar: decoded.interleaveMode === interleaveNone,
        photometric: withFullColour(photometric),
      };
    }
    case "jpeg-2000": {
      checkSamePicture(readJpeg2000Header(bytes), format);
      const decoded = await jpeg2000.decode(bytes, format);
      const samples = checkCount(samplesFromBytes(decoded.bytes, decoded.bitsPerSample), format);
      // The decoder has undone the transform that these two name.
      const undone = photometric === "YBR_RCT" || photometric === "YBR_ICT";
      return { samples, planar: false, photometric: undone ? "RGB" : withFullColour(photometric) };
    }
  }
}

function checkCount(samples: Uint8Array | Uint16Array, format: PixelFormat): Uint8Array | Uint16Array {
  if (samples.length >= sampleCount(format)) return samples;
  throw corruptDicom(`expected ${sampleCount(format)} samples, received ${samples.length}`);
}
