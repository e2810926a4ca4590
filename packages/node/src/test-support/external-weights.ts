/** A field of a protobuf message: its number, its wire type, and its bytes without the tag. */
interface Field {
  readonly number: number;
  readonly wire: number;
  /** Content of a length-delimited field, else the bytes of the value. */
  readonly value: Uint8Array;
}

/** Numbers of fields and values in the public `onnx.proto`. */
const modelGraph = 7;
const graphInitializer = 5;
const tensorRawData = 9;
const tensorExternalData = 13;
const tensorDataLocation = 14;
const locationExternal = 1;
const wireLengthDelimited = 2;

/** Smaller constants stay: engines look into those when they infer shapes. */
const leastBytes = 1024;

/**
 * Moves the weights of an ONNX file into a file beside it, as exporters do with large models: ONNX external data. For tests
 * only.
 * @param fileName - What the graph calls the file.
 */
export function moveWeightsOut(
  model: Uint8Array,
  fileName: string,
): { readonly model: Uint8Array; readonly data: Uint8Array } {
  const data: Uint8Array[] = [];
  let offset = 0;
  const moveOut = (tensor: Uint8Array): Uint8Array => {
    const fields = readFields(tensor);
    const raw = fields.find(({ number }) => number === tensorRawData);
    if (!raw || raw.value.length < leastBytes) return tensor;
    const entries = { location: fileName, offset: String(offset), length: String(raw.value.length) };
    data.push(raw.value);
    offset += raw.value.length;
    return writeFields([
      ...fields.filter((field) => field !== raw),
      ...Object.entries(entries).map(([key, value]) => delimited(tensorExternalData, keyValue(key, value))),
      { number: tensorDataLocation, wire: 0, value: varint(locationExternal) },
    ]);
  };
  const inGraph = (graph: Uint8Array) => mapFields(graph, graphInitializer, moveOut);
  return { model: mapFields(model, modelGraph, inGraph), data: Buffer.concat(data) };
}

function mapFields(
  message: Uint8Array,
  number: number,
  change: (value: Uint8Array) => Uint8Array,
): Uint8Array {
  return writeFields(
    readFields(message).map((field) =>
      field.number === number && field.wire === wireLengthDelimited
        ? delimited(number, change(field.value))
        : field,
    ),
  );
}

function readFields(message: Uint8Array): Field[] {
  const fields: Field[] = [];
  let position = 0;
  const readVarint = () => {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = message[position++]!;
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
  };
  while (position < message.length) {
    const tag = readVarint();
    const [number, wire] = [Math.floor(tag / 8), tag % 8];
    let start = position;
    if (wire === wireLengthDelimited) {
      const length = readVarint();
      start = position;
      position += length;
    } else if (wire === 0) readVarint();
    else position += wire === 1 ? 8 : 4;
    fields.push({ number, wire, value: message.subarray(start, position) });
  }
  return fields;
}

function writeFields(fields: readonly Field[]): Uint8Array {
  return Buffer.concat(
    fields.flatMap(({ number, wire, value }) => [
      varint(number * 8 + wire),
      ...(wire === wireLengthDelimited ? [varint(value.length)] : []),
      value,
    ]),
  );
}

function delimited(number: number, value: Uint8Array): Field {
  return { number, wire: wireLengthDelimited, value };
}

/** `StringStringEntryProto`. */
function keyValue(key: string, value: string): Uint8Array {
  return writeFields([delimited(1, Buffer.from(key)), delimited(2, Buffer.from(value))]);
}

function varint(value: number): Uint8Array {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 0x80; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 0x80);
  return Uint8Array.from([...bytes, rest]);
}
