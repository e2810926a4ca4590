/**
 * Just enough of the protocol buffer wire format to write an ONNX file: variable-length integers, and
 * length-prefixed strings, bytes and nested messages. A message is the concatenation of its fields, so
 * helpers return bytes and {@link message} joins them.
 */

const wireTypeVarint = 0;
const wireTypeLengthDelimited = 2;

const textEncoder = new TextEncoder();

/** Joins fields into one message. */
export function message(...fields: readonly Uint8Array[]): Uint8Array {
  const joined = new Uint8Array(fields.reduce((total, field) => total + field.length, 0));
  let offset = 0;
  for (const field of fields) {
    joined.set(field, offset);
    offset += field.length;
  }
  return joined;
}

/** A field that holds a non-negative whole number. */
export function integerField(fieldNumber: number, value: number): Uint8Array {
  return message(tag(fieldNumber, wireTypeVarint), varint(value));
}

/** A field that holds raw bytes or a nested message. */
export function bytesField(fieldNumber: number, bytes: Uint8Array): Uint8Array {
  return message(tag(fieldNumber, wireTypeLengthDelimited), varint(bytes.length), bytes);
}

export function stringField(fieldNumber: number, text: string): Uint8Array {
  return bytesField(fieldNumber, textEncoder.encode(text));
}

function tag(fieldNumber: number, wireType: number): Uint8Array {
  return varint(fieldNumber * 8 + wireType);
}

/** Seven bits a byte, lowest first; the high bit says that another byte follows. */
function varint(value: number): Uint8Array {
  const bytes: number[] = [];
  let rest = value;
  do {
    const more = rest >= 0x80;
    bytes.push((rest % 0x80) + (more ? 0x80 : 0));
    rest = Math.floor(rest / 0x80);
  } while (rest > 0);
  return Uint8Array.from(bytes);
}
