import { describe, expect, it } from "vitest";
import { fromFloat16Bits, toFloat16Bits } from "./float16.js";
import { withFloat32Tensors } from "./float32-graph.js";
import type { Graph, GraphRunOptions } from "./runtime.js";
import { float32Tensor, type NamedTensors } from "./tensor.js";

/** Gives back what it is fed, and keeps the account. */
function echo(type: "float16" | "float32") {
  const calls: { feeds: NamedTensors; options: GraphRunOptions }[] = [];
  const graph: Graph = {
    device: "none",
    inputs: [
      { name: "picture", type, dims: [null] },
      { name: "labels", type: "int64", dims: [null] },
    ],
    outputs: [{ name: "picture", type, dims: [null] }],
    async run(feeds, options = {}) {
      calls.push({ feeds, options });
      return { picture: feeds["picture"]! };
    },
    dispose: async () => undefined,
  };
  return { graph, calls };
}

const picture = float32Tensor(Float32Array.of(1, -0.1, 65504), [3]);
const labels = { type: "int64", dims: [1], data: BigInt64Array.of(-1n) } as const;

describe("withFloat32Tensors", () => {
  it("leaves a graph without half precision as it is", () => {
    const { graph } = echo("float32");
    expect(withFloat32Tensors(graph)).toBe(graph);
  });

  it("rounds feeds and widens outputs, and says float32", async () => {
    const { graph, calls } = echo("float16");
    const wide = withFloat32Tensors(graph);
    expect(wide.inputs.map(({ type }) => type)).toEqual(["float32", "int64"]);
    expect(wide.outputs.map(({ type }) => type)).toEqual(["float32"]);
    const outputs = await wide.run({ picture, labels });
    expect(calls[0]!.feeds["picture"]).toEqual({
      type: "float16",
      dims: [3],
      data: toFloat16Bits(picture.data),
    });
    expect(calls[0]!.feeds["labels"]).toBe(labels);
    expect(outputs["picture"]).toEqual(float32Tensor(fromFloat16Bits(toFloat16Bits(picture.data)), [3]));
    // The rounded copy is nobody else's.
    expect(calls[0]!.options.transfer).toEqual(["picture"]);
  });

  it("rounds a kept feed once, so that a runtime recognises it", async () => {
    const { graph, calls } = echo("float16");
    const wide = withFloat32Tensors(graph);
    for (let run = 0; run < 2; run++) await wide.run({ picture, labels }, { keep: ["picture"] });
    expect(calls[1]!.feeds["picture"]!.data).toBe(calls[0]!.feeds["picture"]!.data);
    expect(calls[1]!.options.transfer).toEqual([]);
  });
});
