import { deflateRawSync } from "node:zlib";

export type WrittenValue = string | readonly number[] | Uint8Array | readonly WrittenElement[][];
/** A tag as `ggggeeee`, its value representation, its value; items for a sequence. */
export type WrittenElement = readonly [tag: string, vr: string, value: WrittenValue];

const wordTypes: Readonly<Record<string, number>> = { US: 2, SS: 2, UL: 4 };
const longHeaders = new Set(["OB", "OW", "SQ", "UN", "OV", "SV", "UV"]);

export interface WriteOptions {
  readonly syntax?: string;
  /** Default: preamble, signature and file meta information. */
  readonly start?: "whole" | "no-preamble" | "data-only";
  /** Frames in fragments; without it `7fe00010` among the elements holds the pixels. */
  readonly fragments?: readonly (readonly Uint8Array[])[];
  /** Where frames begin; `true` for the right places. Default: an empty table. */
  readonly offsetTable?: boolean | readonly number[];
}

const implicitSyntax = "1.2.840.10008.1.2";
const bigEndianSyntax = "1.2.840.10008.1.2.2";
const deflatedSyntax = "1.2.840.10008.1.2.1.99";

/** Writes a DICOM file for tests. Its reading is tested, so nothing here comes from the code under test. */
export function writeDicom(
  elements: readonly WrittenElement[],
  { syntax = "1.2.840.10008.1.2.1", start = "whole", fragments, offsetTable = false }: WriteOptions = {},
): Uint8Array {
  const implicit = syntax === implicitSyntax;
  const big = syntax === bigEndianSyntax;
  const body = [...elements]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map((element) => writeElement(element, implicit, big));
  if (fragments) body.push(writeFragments(fragments, offsetTable));
  const data = Buffer.concat(body);
  if (start === "data-only") return data;
  const syntaxElement = writeElement(["00020010", "UI", syntax], false, false);
  const meta = Buffer.concat([
    writeElement(["00020000", "UL", [syntaxElement.length]], false, false),
    syntaxElement,
  ]);
  const content = syntax === deflatedSyntax ? deflateRawSync(data) : data;
  const head = start === "whole" ? [Buffer.alloc(128), Buffer.from("DICM")] : [];
  return Buffer.concat([...head, meta, content]);
}

function writeElement([tag, vr, value]: WrittenElement, implicit: boolean, big: boolean): Buffer {
  const content = encodeValue(vr, value, implicit, big);
  const long = implicit || longHeaders.has(vr);
  const head = Buffer.alloc(implicit ? 8 : long ? 12 : 8);
  const [group, element] = [tag.slice(0, 4), tag.slice(4)].map((text) => Number.parseInt(text, 16)) as [
    number,
    number,
  ];
  const write16 = (number: number, at: number) =>
    big ? head.writeUInt16BE(number, at) : head.writeUInt16LE(number, at);
  write16(group, 0);
  write16(element, 2);
  if (!implicit) head.write(vr, 4, "latin1");
  if (!long) write16(content.length, 6);
  else if (big) head.writeUInt32BE(content.length, head.length - 4);
  else head.writeUInt32LE(content.length, head.length - 4);
  return Buffer.concat([head, content]);
}

function encodeValue(vr: string, value: WrittenValue, implicit: boolean, big: boolean): Buffer {
  if (typeof value === "string")
    return Buffer.from(value.length % 2 ? `${value}${vr === "UI" ? "\0" : " "}` : value, "latin1");
  if (value instanceof Uint8Array)
    return value.length % 2 ? Buffer.concat([value, Buffer.alloc(1)]) : Buffer.from(value);
  if (vr === "SQ") {
    return Buffer.concat(
      (value as readonly WrittenElement[][]).map((item) => {
        const content = Buffer.concat(item.map((element) => writeElement(element, implicit, big)));
        return Buffer.concat([itemHead(0xe000, content.length, big), content]);
      }),
    );
  }
  const width = wordTypes[vr] ?? 2;
  const bytes = Buffer.alloc(value.length * width);
  for (const [index, number] of (value as readonly number[]).entries()) {
    const unsigned = number < 0 ? number + 2 ** (8 * width) : number;
    if (big) bytes.writeUIntBE(unsigned, index * width, width);
    else bytes.writeUIntLE(unsigned, index * width, width);
  }
  return bytes;
}

function itemHead(element: number, length: number, big = false): Buffer {
  const head = Buffer.alloc(8);
  if (big) {
    head.writeUInt16BE(0xfffe, 0);
    head.writeUInt16BE(element, 2);
    head.writeUInt32BE(length, 4);
  } else {
    head.writeUInt16LE(0xfffe, 0);
    head.writeUInt16LE(element, 2);
    head.writeUInt32LE(length, 4);
  }
  return head;
}

function writeFragments(
  frames: readonly (readonly Uint8Array[])[],
  offsetTable: boolean | readonly number[],
): Buffer {
  const head = Buffer.from([0xe0, 0x7f, 0x10, 0x00, 0x4f, 0x42, 0, 0, 0xff, 0xff, 0xff, 0xff]);
  const table = Buffer.alloc(offsetTable ? frames.length * 4 : 0);
  const items: Buffer[] = [];
  let offset = 0;
  for (const [index, parts] of frames.entries()) {
    if (offsetTable)
      table.writeUInt32LE(offsetTable === true ? offset : (offsetTable[index] ?? 0), index * 4);
    for (const part of parts) {
      const padded = part.length % 2 ? Buffer.concat([part, Buffer.alloc(1)]) : part;
      items.push(itemHead(0xe000, padded.length), Buffer.from(padded));
      offset += 8 + padded.length;
    }
  }
  return Buffer.concat([head, itemHead(0xe000, table.length), table, ...items, itemHead(0xe0dd, 0)]);
}

/** RLE Lossless of planes of bytes, highest byte first; runs and plain stretches both occur. */
export function encodeRunLength(planes: readonly Uint8Array[]): Uint8Array {
  const head = Buffer.alloc(64);
  head.writeUInt32LE(planes.length, 0);
  const segments: Buffer[] = [];
  let offset = 64;
  for (const [index, plane] of planes.entries()) {
    const bytes: number[] = [];
    for (let at = 0; at < plane.length; ) {
      let run = 1;
      while (run < 128 && plane[at + run] === plane[at] && at + run < plane.length) run += 1;
      if (run >= 3) {
        bytes.push(257 - run, plane[at] as number);
        at += run;
      } else {
        const length = Math.min(3, plane.length - at);
        bytes.push(length - 1, ...plane.subarray(at, at + length));
        at += length;
      }
    }
    if (bytes.length % 2) bytes.push(0);
    head.writeUInt32LE(offset, 4 + index * 4);
    segments.push(Buffer.from(bytes));
    offset += bytes.length;
  }
  return Buffer.concat([head, ...segments]);
}
