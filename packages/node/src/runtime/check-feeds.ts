import {
  describeValue,
  type GraphRunOptions,
  invalidInput,
  type NamedTensors,
  type TensorInfo,
} from "@maskery/core";
import { tensorArrays } from "./tensor-arrays.js";

/**
 * Compares feeds with what the graph asks for, so that a mistake is named here rather than deep in the engine
 * (which ignores unknown names and quietly broadcasts some wrong shapes).
 * @throws MaskeryError `INVALID_INPUT` naming the feed.
 */
export function checkFeeds(inputs: readonly TensorInfo[], feeds: NamedTensors): void {
  if (typeof feeds !== "object" || feeds === null) throw invalidInput("feeds", "tensors by name", feeds);
  for (const name of Object.keys(feeds)) {
    if (!inputs.some((input) => input.name === name)) {
      throw invalidInput(
        `feeds.${name}`,
        `one of the graph's inputs (${listNames(inputs)})`,
        "a name that is not among them",
      );
    }
  }
  for (const input of inputs) checkFeed(input, feeds);
}

function checkFeed(input: TensorInfo, feeds: NamedTensors): void {
  const field = `feeds.${input.name}`;
  const tensor = Object.hasOwn(feeds, input.name) ? feeds[input.name] : undefined;
  if (typeof tensor !== "object" || tensor === null) {
    throw invalidInput(field, `a ${input.type} tensor of shape ${formatDims(input.dims)}`, tensor);
  }
  if (tensor.type !== input.type) throw invalidInput(`${field}.type`, `"${input.type}"`, tensor.type);
  const array = tensorArrays[input.type];
  if (!array.is(tensor.data)) throw invalidInput(`${field}.data`, `a ${array.title}`, tensor.data);

  const { dims } = tensor;
  const fits =
    Array.isArray(dims) &&
    dims.length === input.dims.length &&
    dims.every(
      (dim, axis) =>
        Number.isSafeInteger(dim) && dim >= 0 && (input.dims[axis] === null || input.dims[axis] === dim),
    );
  if (!fits) {
    const received = Array.isArray(dims) ? formatDims(dims) : describeValue(dims);
    throw invalidInput(`${field}.dims`, formatDims(input.dims), received);
  }
  const elements = dims.reduce((product, dim) => product * dim, 1);
  if (tensor.data.length !== elements) {
    throw invalidInput(
      `${field}.data`,
      `${elements} elements for shape ${formatDims(dims)}`,
      tensor.data.length,
    );
  }
}

/**
 * The names of the outputs to fetch, each once.
 * @throws MaskeryError `INVALID_INPUT` for a name that the graph does not have, or for none at all.
 */
export function chooseOutputs(
  outputs: readonly TensorInfo[],
  wanted: GraphRunOptions["outputs"],
): readonly string[] {
  if (wanted === undefined) return outputs.map((output) => output.name);
  if (!Array.isArray(wanted) || wanted.length === 0)
    throw invalidInput("outputs", "at least one output name", wanted);
  for (const name of wanted) {
    if (!outputs.some((output) => output.name === name)) {
      throw invalidInput("outputs", `names among the graph's outputs (${listNames(outputs)})`, name);
    }
  }
  return [...new Set(wanted)];
}

/** @throws MaskeryError `INVALID_INPUT` when an option names a feed that is not there. */
export function checkFeedNames(
  option: "transfer" | "keep",
  feeds: NamedTensors,
  names: readonly string[],
): void {
  for (const name of names) {
    if (!Object.hasOwn(feeds, name))
      throw invalidInput(option, `names among the feeds (${Object.keys(feeds).join(", ")})`, name);
  }
}

function listNames(values: readonly TensorInfo[]): string {
  return values.map((value) => value.name).join(", ");
}

/** `[1, ?, 256]`, where `?` is an axis that the graph leaves open. */
function formatDims(dims: readonly (number | null)[]): string {
  return `[${dims.map((dim) => dim ?? "?").join(", ")}]`;
}
