import { promisify } from "node:util";
import { inflateRaw } from "node:zlib";
import { MaskeryError } from "@maskery/core";
import type { ByteArrayParser, ByteStream, DataSet, Element } from "dicom-parser";
import { beginsWithExplicitType, firstGroup } from "./bare-dicom.js";
import { boundStream } from "./bounded-stream.js";
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
const signatureEnd = preambleBytes + 4;
const metaGroup = 0x0002;
const pixelData = "x7fe00010";

/** The package's types leave out that its data sets can be made. */
type Parser = typeof import("dicom-parser") & {
  readonly DataSet: new (
    parser: ByteArrayParser,
    bytes: Uint8Array,
    elements: Record<string, Element>,
  ) => DataSet;
};

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
  const { default: module } = await loadOptional("dicom-parser", () => import("dicom-parser"));
  const parser = module as Parser;
  try {
    const { meta, dataOffset } = readMeta(parser, given);
    const data = given.subarray(dataOffset);
    // Where the file does not say it, its first element shows how they are written.
    const likely = beginsWithExplicitType(data) ? explicitLittleEndian : implicitLittleEndian;
    const syntax = findTransferSyntax(meta.string("x00020010") ?? likely);
    const [bytes, start] = syntax.deflated ? [await inflate(data, maxBytes), 0] : [given, dataOffset];
    return { dataSet: readElements(parser, bytes, start, syntax), syntax };
  } catch (error) {
    if (MaskeryError.is(error)) throw error;
    throw corruptDicom(`expected a complete, readable DICOM file: ${describeThrown(error)}`, error);
  }
}

/** File meta information is always explicit and little endian (PS3.10 7.1); where it ends, the data set begins. */
function readMeta(parser: Parser, bytes: Uint8Array): { meta: DataSet; dataOffset: number } {
  const hasSignature = String.fromCharCode(...bytes.subarray(preambleBytes, signatureEnd)) === "DICM";
  const stream = openStream(parser, bytes, hasSignature ? signatureEnd : 0, false);
  const meta = createDataSet(parser, stream);
  while (stream.position + 2 <= bytes.length && firstGroup(bytes.subarray(stream.position)) === metaGroup) {
    const element = parser.readDicomElementExplicit(stream, meta.warnings);
    meta.elements[element.tag] = element;
  }
  if (stream.position >= bytes.length) throw corruptDicom("expected a DICOM data set, found none");
  return { meta, dataOffset: stream.position };
}

function readElements(parser: Parser, bytes: Uint8Array, start: number, syntax: TransferSyntax): DataSet {
  const stream = openStream(parser, bytes, start, syntax.bigEndian === true);
  const dataSet = createDataSet(parser, stream);
  if (syntax.uid === implicitLittleEndian) {
    // Pixels may begin with what looks like the first item of a sequence.
    const vrCallback = (tag: string) => (tag === pixelData ? "OW" : undefined);
    parser.parseDicomDataSetImplicit(dataSet, stream, bytes.length, { vrCallback } as never);
  } else {
    parser.parseDicomDataSetExplicit(dataSet, stream, bytes.length);
  }
  return dataSet;
}

function openStream(parser: Parser, bytes: Uint8Array, start: number, bigEndian: boolean): ByteStream {
  const byteParser = bigEndian ? parser.bigEndianByteArrayParser : parser.littleEndianByteArrayParser;
  return boundStream(new parser.ByteStream(byteParser, bytes, start));
}

function createDataSet(parser: Parser, { byteArrayParser, byteArray }: ByteStream): DataSet {
  const dataSet = new parser.DataSet(byteArrayParser, byteArray, {});
  dataSet.warnings = [];
  return dataSet;
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
