import type { DataSet } from "dicom-parser";
import { corruptDicom, unsupportedDicom } from "./dicom-failure.js";

export const photometrics = [
  "MONOCHROME1",
  "MONOCHROME2",
  "PALETTE COLOR",
  "RGB",
  "YBR_FULL",
  "YBR_FULL_422",
  "YBR_RCT",
  "YBR_ICT",
] as const;
export type Photometric = (typeof photometrics)[number];

/** The Image Pixel module of a file: DICOM PS3.3 C.7.6.3. */
export interface PixelFormat {
  readonly width: number;
  readonly height: number;
  readonly frames: number;
  readonly photometric: Photometric;
  readonly samplesPerPixel: 1 | 3;
  readonly bitsAllocated: 8 | 16;
  readonly bitsStored: number;
  /** Place of the lowest stored bit. */
  readonly lowBit: number;
  readonly signed: boolean;
  /** Colours one after another, each over the whole frame, instead of pixel by pixel. */
  readonly planar: boolean;
}

/** @throws MaskeryError `CORRUPT_IMAGE` for missing or contradictory elements, `UNSUPPORTED_FORMAT`. */
export function readPixelFormat(dataSet: DataSet): PixelFormat {
  const required = (tag: string, name: string): number => {
    const value = dataSet.uint16(tag);
    if (value === undefined) throw corruptDicom(`expected a DICOM file with ${name}, found none`);
    return value;
  };
  const height = required("x00280010", "Rows");
  const width = required("x00280011", "Columns");
  if (width === 0 || height === 0)
    throw corruptDicom(`expected a DICOM picture of at least one pixel, received ${width} × ${height}`);
  const frames = dataSet.intString("x00280008") ?? 1;
  if (!Number.isSafeInteger(frames) || frames < 1)
    throw corruptDicom(`expected a positive Number of Frames, received ${frames}`);
  const samplesPerPixel = dataSet.uint16("x00280002") ?? 1;
  const photometric = checkPhotometric(
    dataSet.string("x00280004") ?? (samplesPerPixel === 3 ? "RGB" : "MONOCHROME2"),
  );
  const expectedSamples = isColour(photometric) ? 3 : 1;
  if (samplesPerPixel !== expectedSamples)
    throw corruptDicom(
      `expected ${expectedSamples} Samples per Pixel for ${photometric}, received ${samplesPerPixel}`,
    );
  const bitsAllocated = required("x00280100", "Bits Allocated");
  if (bitsAllocated !== 8 && bitsAllocated !== 16)
    throw unsupportedDicom(`expected DICOM samples in 8 or 16 bits, received ${bitsAllocated}`);
  const bitsStored = dataSet.uint16("x00280101") ?? bitsAllocated;
  const highBit = dataSet.uint16("x00280102") ?? bitsStored - 1;
  const lowBit = highBit + 1 - bitsStored;
  if (bitsStored < 1 || lowBit < 0 || highBit >= bitsAllocated)
    throw corruptDicom(
      `expected stored bits within ${bitsAllocated}, received ${bitsStored} up to bit ${highBit}`,
    );
  return {
    width,
    height,
    frames,
    photometric,
    samplesPerPixel: expectedSamples,
    bitsAllocated,
    bitsStored,
    lowBit,
    signed: dataSet.uint16("x00280103") === 1,
    planar: expectedSamples === 3 && dataSet.uint16("x00280006") === 1,
  };
}

export function lowestStored({ signed, bitsStored }: PixelFormat): number {
  return signed ? -(2 ** (bitsStored - 1)) : 0;
}

export function isColour(photometric: Photometric): boolean {
  return photometric === "RGB" || photometric.startsWith("YBR");
}

function checkPhotometric(text: string): Photometric {
  const found = photometrics.find((known) => known === text.trim());
  if (found) return found;
  throw unsupportedDicom(
    `expected a Photometric Interpretation of ${photometrics.join(", ")}; received ${text.slice(0, 32)}`,
  );
}
