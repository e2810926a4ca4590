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
import { colourToRgba } from "./colour-to-rgba.js";
import { decodeRawFrame } from "./decode-frame.js";
import { corruptDicom } from "./dicom-failure.js";
import { FrameAttributes } from "./frame-attributes.js";
import { locateFrames } from "./frame-bytes.js";
import { type GrayMapping, grayToRgba, storedValues } from "./gray-to-rgba.js";
import { paletteToRgba } from "./palette.js";
import { parseDataSet } from "./parse-data-set.js";
import {
  isColour,
  lowestStored,
  type Photometric,
  type PixelFormat,
  readPixelFormat,
} from "./pixel-format.js";
import {
  brightnessTableNames,
  type Rescale,
  readBrightnessTable,
  readPadding,
  readRescale,
  readUnits,
} from "./value-transforms.js";
import { checkWindow, type DicomWindow, type DicomWindowChoice, fileWindows } from "./window.js";

export interface ReadDicomOptions extends CallOptions {
  /** `maxPixels` holds for one frame, `maxBytes` for the file, and for a deflated one after inflation too. */
  readonly limits?: ImageLimits;
}

export interface DecodeFrameOptions extends CallOptions {
  /**
   * Default `file`: the file's first table of brightness (VOI LUT), else its first window, else the frame's range. Gray
   * pictures only; those in colour have none.
   */
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
  /** Of the first frame: value = stored × slope + intercept. A file with a Modality LUT maps values by that table instead. */
  readonly rescale: Rescale;
  /** What the file suggests for its first frame, the preferred one first; may be empty. */
  readonly windows: readonly DicomWindow[];
  /** What the file calls its tables of brightness (VOI LUT), the preferred one first; mostly empty. */
  readonly brightnessTables: readonly string[];
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
    brightnessTables: brightnessTableNames(dataSet),
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
  const toUnits = readUnits(dataSet, attributes, format);
  const suggested = (): GrayMapping =>
    readBrightnessTable(dataSet, toUnits(lowestStored(format))) ?? fileWindows(attributes)[0] ?? "range";
  const picture = {
    values,
    toUnits,
    isPadding: readPadding(dataSet, format),
    inverted: format.photometric === "MONOCHROME1",
  };
  return grayToRgba(picture, choice === "file" ? suggested() : choice);
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
