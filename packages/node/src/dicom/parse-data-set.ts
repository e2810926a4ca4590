import { promisify } from "node:util";
import { inflateRaw } from "node:zlib";
import { MaskeryError } from "@maskery/core";
import type { DataSet } from "dicom-parser";
import { beginsWithExplicitType, firstGroup } from "./bare-dicom.js";
import { corruptDicom, describeThrown } from "./dicom-failure.js";
import { loadOptional } from "./load-optional.js";
import {
  explicitLittleEndian,
  findTransferSyntax,
  implicitLittleEndian,
  type TransferSyntax,
} from "./transfer-syntax.js";

const inflateRawAsync = promisify(inflateRaw);

const preambleBytes = 128;
const metaGroup = 0x0002;

export interface ParsedDicom {
  readonly dataSet: DataSet;
  readonly syntax: TransferSyntax;
}

/**
 * Reads the elements of a file, with or without preamble and file meta information.
 * @param maxBytes - Largest size of a deflated file after inflation.
 * @throws MaskeryError `CORRUPT_IMAGE`, `UNSUPPORTED_FORMAT`, `IMAGE_TOO_LARGE`.
 */
export async function parseDataSet(given: Uint8Array, maxBytes: number): Promise<ParsedDicom> {
  const { default: parser } = await loadOptional("dicom-parser", () => import("dicom-parser"));
  try {
    const { bytes, bareSyntax } = withPreamble(given);
    if (bareSyntax !== undefined) {
      const dataSet = parser.parseDicom(bytes, { TransferSyntaxUID: bareSyntax });
      return { dataSet, syntax: findTransferSyntax(bareSyntax) };
    }
    const meta = parser.readPart10Header(bytes);
    const syntax = findTransferSyntax(meta.string("x00020010") ?? implicitLittleEndian);
    if (!syntax.deflated) return { dataSet: parser.parseDicom(bytes), syntax };
    const dataOffset = endOfMeta(meta);
    const inflated = await inflate(bytes.subarray(dataOffset), maxBytes);
    const whole = new Uint8Array(dataOffset + inflated.length);
    whole.set(bytes.subarray(0, dataOffset));
    whole.set(inflated, dataOffset);
    return { dataSet: parser.parseDicom(bytes, { inflater: () => whole }), syntax };
  } catch (error) {
    if (MaskeryError.is(error)) throw error;
    throw corruptDicom(`expected a complete, readable DICOM file: ${describeThrown(error)}`, error);
  }
}

/** The library wants the preamble before file meta information, and a syntax for data sets that come alone. */
function withPreamble(bytes: Uint8Array): { bytes: Uint8Array; bareSyntax?: string } {
  const hasSignature = String.fromCharCode(...bytes.subarray(preambleBytes, preambleBytes + 4)) === "DICM";
  if (hasSignature) return { bytes };
  if (firstGroup(bytes) !== metaGroup) {
    return { bytes, bareSyntax: beginsWithExplicitType(bytes) ? explicitLittleEndian : implicitLittleEndian };
  }
  const whole = new Uint8Array(preambleBytes + 4 + bytes.length);
  whole.set([0x44, 0x49, 0x43, 0x4d], preambleBytes);
  whole.set(bytes, preambleBytes + 4);
  return { bytes: whole };
}

/** First byte after the file meta information. */
function endOfMeta(meta: DataSet): number {
  const ends = Object.values(meta.elements)
    .filter(({ tag, dataOffset }) => tag.startsWith("x0002") && dataOffset !== undefined)
    .map(({ dataOffset, length }) => dataOffset + length);
  return Math.max(...ends);
}

async function inflate(deflated: Uint8Array, maxBytes: number): Promise<Uint8Array> {
  try {
    return await inflateRawAsync(deflated, { maxOutputLength: Math.min(maxBytes, 2 ** 31 - 1) });
  } catch (error) {
    if (error instanceof RangeError) {
      throw new MaskeryError(
        "IMAGE_TOO_LARGE",
        `image: expected at most ${maxBytes} bytes after inflation, received more`,
        { field: "image", cause: error },
      );
    }
    throw corruptDicom(`expected a DICOM file with intact deflated data: ${describeThrown(error)}`, error);
  }
}
