/** A field of a protobuf message: where its tag, and where what it holds, lie in the file. */
interface Field {
  readonly number: number;
  readonly wire: number;
  readonly tag: number;
  /** Of its content, or of its value for numbers. */
  readonly start: number;
  readonly end: number;
}

const wireVarint = 0;
const wireFixed64 = 1;
const wireLengthDelimited = 2;
const wireFixed32 = 5;

/** Numbers of fields in the public `onnx.proto`. */
const modelGraph = 7;
const graphValueInfo = 13;
const valueType = 2;
const typeTensor = 1;
const tensorElementType = 1;

/** The tag of `value_info`, and that of a field which `onnx.proto` reserves, so that every reader passes over it. */
const valueInfoTag = graphValueInfo * 8 + wireLengthDelimited;
const reservedTag = 3 * 8 + wireLengthDelimited;

/**
 * Takes those entries out of a graph's `value_info` that claim to be tensors of no type. `value_info` only helps with the
 * inference of shapes, and onnxruntime 1.30 refuses such a file ("Invalid tensor data type 0"): samexporter's encoders of SAM2 have
 * two of them. Everything else stays, inputs and outputs included; so do the graphs inside of control flow nodes.
 *
 * One byte of each entry is changed in place, so that no weights move: its tag becomes one that no reader knows.
 * @returns How many were taken out. 0 for what is no ONNX file; nothing is changed then.
 */
export function dropUntypedValues(file: Uint8Array): number {
  const found: number[] = [];
  for (const graph of fieldsOf(file, 0, file.length)) {
    if (graph.number !== modelGraph || graph.wire !== wireLengthDelimited) continue;
    for (const entry of fieldsOf(file, graph.start, graph.end))
      if (file[entry.tag] === valueInfoTag && isUntyped(file, entry)) found.push(entry.tag);
  }
  for (const tag of found) file[tag] = reservedTag;
  return found.length;
}

/** Values that are no tensors, or say nothing of their type, do not trouble the engine. */
function isUntyped(file: Uint8Array, value: Field): boolean {
  const tensors = nested(file, [value], valueType).flatMap((type) => nested(file, [type], typeTensor));
  if (tensors.length === 0) return false;
  const types = tensors.flatMap(({ start, end }) =>
    [...fieldsOf(file, start, end)].filter(
      ({ number, wire }) => number === tensorElementType && wire === wireVarint,
    ),
  );
  // Of a number that stands several times, the last counts.
  const last = types.at(-1);
  return last === undefined || readVarint(file, last.start, last.end)?.value === 0;
}

function nested(file: Uint8Array, messages: readonly Field[], number: number): Field[] {
  return messages.flatMap(({ start, end }) =>
    [...fieldsOf(file, start, end)].filter(
      (field) => field.number === number && field.wire === wireLengthDelimited,
    ),
  );
}

/** The fields of a message, in order, as far as it is one. What they hold is passed over, however large. */
function* fieldsOf(file: Uint8Array, from: number, to: number): Generator<Field> {
  let tag = from;
  while (tag < to) {
    const key = readVarint(file, tag, to);
    if (!key) return;
    const number = Math.floor(key.value / 8);
    const wire = key.value % 8;
    const content = contentOf(file, wire, key.next, to);
    if (!content || content.end > to) return;
    yield { number, wire, tag, ...content };
    tag = content.end;
  }
}

function contentOf(
  file: Uint8Array,
  wire: number,
  start: number,
  to: number,
): { readonly start: number; readonly end: number } | undefined {
  if (wire === wireFixed32) return { start, end: start + 4 };
  if (wire === wireFixed64) return { start, end: start + 8 };
  const number = readVarint(file, start, to);
  if (!number) return undefined;
  if (wire === wireVarint) return { start, end: number.next };
  return wire === wireLengthDelimited ? { start: number.next, end: number.next + number.value } : undefined;
}

/** Seven bits a byte, lowest first; the high bit says that another byte follows. Undefined where the message ends before. */
function readVarint(
  file: Uint8Array,
  from: number,
  to: number,
): { readonly value: number; readonly next: number } | undefined {
  let value = 0;
  // Negative numbers take ten bytes; as no length is one, it does not matter that they become large here.
  for (let index = 0; index < 10 && from + index < to; index++) {
    const byte = file[from + index]!;
    value += (byte % 0x80) * 2 ** (7 * index);
    if (byte < 0x80) return { value, next: from + index + 1 };
  }
  return undefined;
}
