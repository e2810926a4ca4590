// @ts-check
import { createOnnxRuntime } from "@maskery/node";
import { build } from "esbuild";
import { inMs, median } from "../shared/statistics.mjs";

/** The embedding of SAM2. */
const SHAPES = { low: [1, 256, 64, 64], middle: [1, 64, 128, 128], high: [1, 32, 256, 256] };

/** @param {number} rounds */
export async function measureKeptFeeds(rounds) {
  const runtime = createOnnxRuntime();
  const graph = await runtime.load(
    { model: { kind: "bytes", bytes: await readerModel() } },
    { device: "cpu" },
  );
  const embedding = Object.fromEntries(
    Object.entries(SHAPES).map(([name, dims]) => [
      name,
      {
        type: /** @type {const} */ ("float32"),
        dims,
        data: new Float32Array(dims.reduce((a, b) => a * b)).fill(1),
      },
    ]),
  );
  const keep = Object.keys(SHAPES);
  /** @type {Record<"copied" | "kept", number[]>} */
  const times = { copied: [], kept: [] };
  for (let round = 0; round < rounds + 3; round++) {
    for (const way of /** @type {const} */ (["copied", "kept"])) {
      const startedAt = performance.now();
      await graph.run(embedding, way === "kept" ? { keep } : {});
      if (round >= 3) times[way].push(performance.now() - startedAt);
    }
  }
  await runtime.dispose();
  console.log(
    `16 MB of feeds   copied each time ${inMs(median(times.copied))}, kept ${inMs(median(times.kept))} (median of ${rounds})`,
  );
}

/** Reads one number of each input, so that nothing but the way to the graph is measured. */
async function readerModel() {
  const { outputFiles } = await build({
    entryPoints: ["packages/core/src/testing/onnx-writer.ts"],
    bundle: true,
    write: false,
    format: "esm",
  });
  const { writeOnnxModel } = await import(
    `data:text/javascript;base64,${Buffer.from(outputFiles[0]?.contents ?? []).toString("base64")}`
  );
  return writeOnnxModel({
    inputs: Object.entries(SHAPES).map(([name, dims]) => ({ name, type: "float32", dims })),
    constants: [{ name: "first", tensor: { type: "int64", dims: [1], data: BigInt64Array.of(0n) } }],
    nodes: Object.entries(SHAPES).map(([name]) => ({
      operator: "Gather",
      inputs: [name, "first"],
      outputs: [`${name}-part`],
      integerAttributes: { axis: 1 },
    })),
    outputs: Object.entries(SHAPES).map(([name, [, , height, width]]) => ({
      name: `${name}-part`,
      type: "float32",
      dims: [1, 1, height, width],
    })),
  });
}
