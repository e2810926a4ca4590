import type { Tensor, TensorType } from "../backend/tensor.js";
import { bytesField, integerField, message, stringField } from "./protobuf-writer.js";

/** An input or output of a graph. A string in `dims` is an axis that the graph leaves open. */
export interface OnnxValue {
  readonly name: string;
  readonly type: TensorType;
  readonly dims: readonly (number | string)[];
}

export interface OnnxNode {
  /** ONNX operator, for example `Add`. */
  readonly operator: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly integerAttributes?: Readonly<Record<string, number>>;
  readonly integerListAttributes?: Readonly<Record<string, readonly number[]>>;
  readonly stringAttributes?: Readonly<Record<string, string>>;
}

/** A constant inside the file: an initializer. */
export interface OnnxConstant {
  readonly name: string;
  readonly tensor: Tensor;
}

/** A constant that lives in a file of its own, named by the graph: ONNX external data. */
export interface OnnxExternalConstant extends OnnxValue {
  readonly dims: readonly number[];
  readonly fileName: string;
  readonly byteLength: number;
}

export interface OnnxGraphDescription {
  readonly inputs: readonly OnnxValue[];
  readonly nodes: readonly OnnxNode[];
  readonly outputs: readonly OnnxValue[];
  readonly constants?: readonly OnnxConstant[];
  readonly externalConstants?: readonly OnnxExternalConstant[];
  /** Values inside the graph that it calls tensors of no type, as some exporters do by mistake. */
  readonly untypedValues?: readonly string[];
}

/** Versions that every runtime of the last years reads. */
const irVersion = 8;
const operatorSetVersion = 17;

/** Numbers of `TensorProto.DataType`. */
const dataTypes: Readonly<Record<TensorType, number>> = {
  float32: 1,
  uint8: 2,
  int32: 6,
  int64: 7,
  bool: 9,
  float16: 10,
};

/** Numbers of `AttributeProto.AttributeType`. */
const attributeTypeInteger = 2;
const attributeTypeString = 3;
const attributeTypeIntegers = 7;
const dataLocationExternal = 1;

/**
 * Writes an ONNX file (`ModelProto`). It knows only what the contract suites need: plain nodes whose
 * attributes are texts or non-negative whole numbers, and constants inside the file or beside it. Field numbers are those of the public
 * `onnx.proto`.
 */
export function writeOnnxModel(graph: OnnxGraphDescription): Uint8Array {
  const operatorSet = message(stringField(1, ""), integerField(2, operatorSetVersion));
  return message(
    integerField(1, irVersion),
    stringField(2, "maskery-contract-suite"),
    bytesField(7, graphMessage(graph)),
    bytesField(8, operatorSet),
  );
}

function graphMessage(graph: OnnxGraphDescription): Uint8Array {
  return message(
    ...graph.nodes.map((node, index) => bytesField(1, nodeMessage(node, `${node.operator}-${index}`))),
    stringField(2, "graph"),
    ...(graph.constants ?? []).map((constant) => bytesField(5, tensorMessage(constant))),
    ...(graph.externalConstants ?? []).map((constant) => bytesField(5, externalTensorMessage(constant))),
    ...graph.inputs.map((input) => bytesField(11, valueMessage(input))),
    ...graph.outputs.map((output) => bytesField(12, valueMessage(output))),
    ...(graph.untypedValues ?? []).map((name) => bytesField(13, untypedMessage(name))),
  );
}

function nodeMessage(node: OnnxNode, name: string): Uint8Array {
  const attributes = [
    ...Object.entries(node.integerAttributes ?? {}).map(([attribute, value]) =>
      message(stringField(1, attribute), integerField(3, value), integerField(20, attributeTypeInteger)),
    ),
    ...Object.entries(node.integerListAttributes ?? {}).map(([attribute, values]) =>
      message(
        stringField(1, attribute),
        ...values.map((value) => integerField(8, value)),
        integerField(20, attributeTypeIntegers),
      ),
    ),
    ...Object.entries(node.stringAttributes ?? {}).map(([attribute, text]) =>
      message(stringField(1, attribute), stringField(4, text), integerField(20, attributeTypeString)),
    ),
  ];
  return message(
    ...node.inputs.map((input) => stringField(1, input)),
    ...node.outputs.map((output) => stringField(2, output)),
    stringField(3, name),
    stringField(4, node.operator),
    ...attributes.map((attribute) => bytesField(5, attribute)),
  );
}

function valueMessage(value: OnnxValue): Uint8Array {
  const dims = value.dims.map((dim) =>
    bytesField(1, typeof dim === "number" ? integerField(1, dim) : stringField(2, dim)),
  );
  const tensorType = message(integerField(1, dataTypes[value.type]), bytesField(2, message(...dims)));
  return message(stringField(1, value.name), bytesField(2, bytesField(1, tensorType)));
}

/** A value of the type 0, which stands for none, and with no axes. */
function untypedMessage(name: string): Uint8Array {
  const tensorType = message(integerField(1, 0), bytesField(2, message()));
  return message(stringField(1, name), bytesField(2, bytesField(1, tensorType)));
}

/** ONNX keeps raw values little-endian, as the memory of every platform that runs this is. */
function tensorMessage({ name, tensor }: OnnxConstant): Uint8Array {
  const { data } = tensor;
  return message(
    ...tensor.dims.map((dim) => integerField(1, dim)),
    integerField(2, dataTypes[tensor.type]),
    stringField(8, name),
    bytesField(9, new Uint8Array(data.buffer, data.byteOffset, data.byteLength)),
  );
}

function externalTensorMessage(constant: OnnxExternalConstant): Uint8Array {
  const entries = { location: constant.fileName, offset: "0", length: String(constant.byteLength) };
  return message(
    ...constant.dims.map((dim) => integerField(1, dim)),
    integerField(2, dataTypes[constant.type]),
    stringField(8, constant.name),
    ...Object.entries(entries).map(([key, value]) =>
      bytesField(13, message(stringField(1, key), stringField(2, value))),
    ),
    integerField(14, dataLocationExternal),
  );
}
