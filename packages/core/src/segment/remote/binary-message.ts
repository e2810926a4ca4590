import { MaskeryError } from "../../errors.js";

/** Version of the layout below; a reader refuses every other. */
export const BINARY_MESSAGE_VERSION = 1;

/**
 * Plain data with buffers beside it, for the way between two halves of a model. Little endian: 4 bytes `MSKM`, u16 version,
 * u16 zero, u32 length of the header; the header as UTF-8 JSON `{ kind, sections, content }`, padded with spaces so that the
 * sections begin at a multiple of 8; then the sections, each padded to a multiple of 8. `sections` holds their lengths.
 */
export interface BinaryMessage {
  /** What it is: a reader refuses another. */
  readonly kind: string;
  /** JSON; names sections by their index. */
  readonly content: unknown;
  readonly sections: readonly Uint8Array[];
}

const MAGIC = [0x4d, 0x53, 0x4b, 0x4d] as const;
const PREFIX_BYTES = 12;
const ALIGNMENT = 8;
/** Far above any real message; keeps a forged header from costing memory. */
const MAX_HEADER_BYTES = 16 * 1024 * 1024;

export function writeBinaryMessage({ kind, content, sections }: BinaryMessage): Uint8Array<ArrayBuffer> {
  const lengths = sections.map(({ byteLength }) => byteLength);
  const header = new TextEncoder().encode(JSON.stringify({ kind, sections: lengths, content }));
  const payloadStart = align(PREFIX_BYTES + header.length);
  const total = lengths.reduce((sum, length) => sum + align(length), payloadStart);
  const bytes = new Uint8Array(total).fill(0x20, 0, payloadStart);
  const view = new DataView(bytes.buffer);
  bytes.set(MAGIC);
  view.setUint16(4, BINARY_MESSAGE_VERSION, true);
  view.setUint16(6, 0, true);
  view.setUint32(8, payloadStart - PREFIX_BYTES, true);
  bytes.set(header, PREFIX_BYTES);
  let offset = payloadStart;
  for (const section of sections) {
    bytes.set(section, offset);
    offset += align(section.byteLength);
  }
  return bytes;
}

/**
 * The sections are views of `bytes`.
 * @throws MaskeryError `INVALID_INPUT` naming `field` when the bytes are no message of this kind and version, or cut short.
 */
export function readBinaryMessage(bytes: Uint8Array, kind: string, field: string): BinaryMessage {
  const broken = (reason: string, cause?: unknown) =>
    new MaskeryError("INVALID_INPUT", `${field}: expected a message of kind "${kind}", but ${reason}`, {
      cause,
      field,
    });
  if (bytes.length < PREFIX_BYTES || MAGIC.some((byte, index) => bytes[index] !== byte))
    throw broken("it does not begin as one");
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const version = view.getUint16(4, true);
  if (version !== BINARY_MESSAGE_VERSION)
    throw broken(`it has version ${version}, this reader knows ${BINARY_MESSAGE_VERSION}`);
  const headerBytes = view.getUint32(8, true);
  const payloadStart = PREFIX_BYTES + headerBytes;
  if (headerBytes > MAX_HEADER_BYTES || payloadStart > bytes.length) throw broken("its header is cut short");
  let header: { readonly kind?: unknown; readonly sections?: unknown; readonly content?: unknown } | null;
  try {
    header = JSON.parse(new TextDecoder().decode(bytes.subarray(PREFIX_BYTES, payloadStart)));
  } catch (cause) {
    throw broken("its header cannot be read", cause);
  }
  if (header?.kind !== kind) throw broken("it is of another kind");
  if (!Array.isArray(header.sections) || !header.sections.every(isLength))
    throw broken("its list of sections cannot be read");
  const sections: Uint8Array[] = [];
  let offset = payloadStart;
  for (const length of header.sections as readonly number[]) {
    if (offset + length > bytes.length) throw broken("it is cut short");
    sections.push(bytes.subarray(offset, offset + length));
    offset += align(length);
  }
  return { kind, content: header.content, sections };
}

function isLength(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function align(length: number): number {
  return Math.ceil(length / ALIGNMENT) * ALIGNMENT;
}
