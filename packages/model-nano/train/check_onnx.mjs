// Compares encoder.onnx and decoder.onnx with the reference tensors of check_onnx.py, then measures their speed on one thread.
//   node check_onnx.mjs --model .. --reference REFERENCE [--runtime path/to/onnxruntime-node]
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";

const LARGEST_LOGIT_DIFFERENCE = 0.05;
const LARGEST_SCORE_DIFFERENCE = 0.005;

const option = (name, fallback) => {
  const at = process.argv.indexOf(`--${name}`);
  return at < 0 ? fallback : process.argv[at + 1];
};
const require = createRequire(pathToFileURL(resolve(option("runtime", "."), "package.json")));
const { InferenceSession, Tensor } = require("onnxruntime-node");
const reference = option("reference", "reference");
const folder = option("model", "..");
const manifest = JSON.parse(readFileSync(join(reference, "reference.json"), "utf8"));

const read = ({ file, shape }) => {
  const bytes = readFileSync(join(reference, file));
  const copy = new ArrayBuffer(bytes.length);
  new Uint8Array(copy).set(bytes);
  return new Tensor("float32", new Float32Array(copy), shape);
};
const readAll = (entries) =>
  Object.fromEntries(Object.entries(entries).map(([name, entry]) => [name, read(entry)]));
const difference = (a, b) =>
  a.data.reduce((largest, value, index) => Math.max(largest, Math.abs(value - b.data[index])), 0);
const sessionOptions = { intraOpNumThreads: 1, interOpNumThreads: 1, executionProviders: ["cpu"] };
const encoder = await InferenceSession.create(join(folder, "encoder.onnx"), sessionOptions);
const decoder = await InferenceSession.create(join(folder, "decoder.onnx"), sessionOptions);

let failed = false;
const verdict = (good) => {
  failed ||= !good;
  return good ? "ok" : "TOO FAR";
};
const image = readAll(manifest.encoder.inputs);
const features = await encoder.run(image);
for (const [name, entry] of Object.entries(manifest.encoder.outputs)) {
  const far = difference(features[name], read(entry));
  console.log(
    `encoder ${name} [${features[name].dims}] largest difference ${far.toExponential(1)} ${verdict(far < 0.02)}`,
  );
}
for (const { title, inputs, outputs } of manifest.cases) {
  const answer = await decoder.run({ ...features, ...readAll(inputs) });
  const masks = difference(answer.masks, read(outputs.masks));
  const scores = difference(answer.iou_predictions, read(outputs.iou_predictions));
  const good = masks < LARGEST_LOGIT_DIFFERENCE && scores < LARGEST_SCORE_DIFFERENCE;
  console.log(
    `decoder ${title} [${answer.masks.dims}]: logits ${masks.toExponential(1)}, scores ${scores.toExponential(1)} ${verdict(good)}`,
  );
}

const median = async (work, repeats) => {
  for (let i = 0; i < 3; i++) await work();
  const times = [];
  for (let i = 0; i < repeats; i++) {
    const start = performance.now();
    await work();
    times.push(performance.now() - start);
  }
  return times.sort((a, b) => a - b)[repeats >> 1];
};
const prompts = (objects) => {
  const half = manifest.size / 2;
  return {
    ...features,
    point_coords: new Tensor(
      "float32",
      Float32Array.from({ length: objects * 2 }, (_, i) => (i * 37) % manifest.size),
      [objects, 1, 2],
    ),
    point_labels: new Tensor("float32", new Float32Array(objects).fill(1), [objects, 1]),
    mask_input: new Tensor("float32", new Float32Array(objects * half * half), [objects, 1, half, half]),
    has_mask_input: new Tensor("float32", new Float32Array([0]), [1]),
  };
};
const one = prompts(1);
const many = prompts(64);
console.log(`encode ${(await median(() => encoder.run(image), 25)).toFixed(1)} ms`);
console.log(`decode one ${(await median(() => decoder.run(one), 25)).toFixed(1)} ms`);
console.log(`decode 64, per object ${((await median(() => decoder.run(many), 5)) / 64).toFixed(2)} ms`);
process.exitCode = failed ? 1 : 0;
