import {
  type CallOptions,
  defaultImageLimits,
  type ImageLimits,
  type ImageSize,
  invalidInput,
  MaskeryError,
  type RgbaImage,
  throwIfAborted,
  waitUnlessAborted,
} from "@maskery/core";
import type { DataSet } from "dicom-parser";
import { colourToRgba, paletteToRgba } from "./colour-to-rgba.js";
import { decodeRawFrame } from "./decode-frame.js";
import { corruptDicom } from "./dicom-failure.js";
import { FrameAttributes } from "./frame-attributes.js";
import { locateFrames } from "./frame-bytes.js";
import { grayToRgba, type Rescale, readRescale, storedValues } from "./gray-to-rgba.js";
import { parseDataSet } from "./parse-data-set.js";
import { isColour, type Photometric, type PixelFormat, readPixelFormat } from "./pixel-format.js";
import { checkWindow, type DicomWindow, type DicomWindowChoice, fileWindows } from "./window.js";

export interface ReadDicomOptions extends CallOptions {
  /** `maxPixels` holds for one frame, `maxBytes` for the file, and for a deflated one after inflation too. */
  readonly limits?: ImageLimits;
}

export interface DecodeFrameOptions extends CallOptions {
  /** Default `file`: the file's first window, or the frame's range where it has none. Gray pictures only. */
  readonly window?: DicomWindowChoice;
}

/** Where a frame lies in the patient. */
export interface DicomPlacement {
  /** Direction cosines of the rows (x, y, z), then of the columns (x, y, z): Image Orientation (Patient). */
  readonly orientation?: readonly number[];
  /** Centre of the first pixel, in millimetres: Image Position (Patient). */
  readonly positionMm?: readonly number[];
  /** Millimetres between pixels: across rows (down), then across columns (to the right). */
  readonly spacingMm?: readonly [down: number, right: number];
}

/** A parsed file; pixels are decoded frame by frame. It reads from the bytes it was given, which must not change. */
export interface DicomImage extends ImageSize, DicomPlacement {
  readonly frames: number;
  readonly transferSyntax: { readonly uid: string; readonly name: string };
  readonly photometric: Photometric;
  readonly bitsStored: number;
  readonly signed: boolean;
  /** `CT`, `MR` and so on; undefined where the file does not say. */
  readonly modality: string | undefined;
  /** Of the first frame: value = stored × slope + intercept. */
  readonly rescale: Rescale;
  /** What the file suggests for its first frame, the preferred one first; may be empty. */
  readonly windows: readonly DicomWindow[];
  /** Of one frame, from 0. @throws MaskeryError `INVALID_INPUT`. */
  placement(frame: number): DicomPlacement;
  /**
   * Decodes one frame, from 0, to 8 bits. Pixels stay as stored: never rotated or mirrored, whatever the orientation, so
   * that a mask found on them is a mask of the file's frame.
   * @throws MaskeryError `INVALID_INPUT` for a frame or window that cannot be, `CORRUPT_IMAGE`, `UNSUPPORTED_FORMAT`,
   * `ABORTED`.
   */
  decodeFrame(frame: number, options?: DecodeFrameOptions): Promise<RgbaImage>;
}

/**
 * Reads a DICOM file: elements now, pixels later. Needs the package `dicom-parser`, and for compressed frames the one
 * of their codec; an error names it when it is missing.
 * @throws MaskeryError `INVALID_INPUT`, `CORRUPT_IMAGE`, `UNSUPPORTED_FORMAT`, `IMAGE_TOO_LARGE`, `ABORTED`.
 */
export async function readDicom(bytes: Uint8Array, options: ReadDicomOptions = {}): Promise<DicomImage> {
  if (!(bytes instanceof Uint8Array)) throw invalidInput("image", "the bytes of a DICOM file", bytes);
  throwIfAborted(options.signal);
  const { maxBytes, maxPixels } = { ...defaultImageLimits, ...options.limits };
  if (bytes.length === 0) throw corruptDicom("expected the bytes of a DICOM file, received none");
  if (bytes.length > maxBytes) throw tooLarge(`${maxBytes} bytes`, `${bytes.length}`);
  const { dataSet, syntax } = await waitUnlessAborted(parseDataSet(bytes, maxBytes), options.signal);
  const format = readPixelFormat(dataSet);
  const { width, height, frames } = format;
  if (width * height > maxPixels) throw tooLarge(`${maxPixels} pixels`, `${width} × ${height}`);
  const frameBytes = locateFrames(dataSet, format, syntax);
  const checkFrame = (frame: number) => {
    if (!Number.isInteger(frame) || frame < 0 || frame >= frames)
      throw invalidInput("frame", `a whole number from 0 to ${frames - 1}`, frame);
  };
  const first = new FrameAttributes(dataSet, 0);

  return {
    width,
    height,
    frames,
    transferSyntax: { uid: syntax.uid, name: syntax.name },
    photometric: format.photometric,
    bitsStored: format.bitsStored,
    signed: format.signed,
    modality: dataSet.string("x00080060"),
    rescale: readRescale(first),
    windows: fileWindows(first),
    ...readPlacement(first),

    placement(frame) {
      checkFrame(frame);
      return readPlacement(new FrameAttributes(dataSet, frame));
    },

    async decodeFrame(frame, { window = "file", signal } = {}) {
      checkFrame(frame);
      const choice = checkWindow(window);
      throwIfAborted(signal);
      const decoding = decodeRawFrame(frameBytes(frame), format, syntax);
      const raw = await waitUnlessAborted(decoding, signal);
      const attributes = new FrameAttributes(dataSet, frame);
      const data = isColour(format.photometric)
        ? colourToRgba(raw, format)
        : grayOrPalette(raw.samples, dataSet, format, attributes, choice);
      return { width, height, data };
    },
  };
}

function grayOrPalette(
  samples: Uint8Array | Uint16Array,
  dataSet: DataSet,
  format: PixelFormat,
  attributes: FrameAttributes,
  choice: DicomWindow | "file" | "range",
): Uint8Array {
  const values = storedValues(samples, format);
  if (format.photometric === "PALETTE COLOR") return paletteToRgba(values, dataSet);
  const window = choice === "range" ? undefined : choice === "file" ? fileWindows(attributes)[0] : choice;
  const padding = format.signed ? dataSet.int16("x00280120") : dataSet.uint16("x00280120");
  const inverted = format.photometric === "MONOCHROME1";
  return grayToRgba(values, readRescale(attributes), window, inverted, padding);
}

function readPlacement(attributes: FrameAttributes): DicomPlacement {
  const orientation = attributes.numbers("x00209116", "x00200037");
  const position = attributes.numbers("x00209113", "x00200032");
  const spacing = attributes.numbers("x00289110", "x00280030");
  return {
    ...(orientation?.length === 6 && { orientation }),
    ...(position?.length === 3 && { positionMm: position }),
    ...(spacing?.length === 2 && { spacingMm: spacing as unknown as readonly [number, number] }),
  };
}

function tooLarge(expected: string, received: string): MaskeryError {
  return new MaskeryError("IMAGE_TOO_LARGE", `image: expected at most ${expected}, received ${received}`, {
    field: "image",
  });
}
