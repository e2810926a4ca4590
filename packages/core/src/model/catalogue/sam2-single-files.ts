import type { ModelSpec } from "../model-spec.js";
import { sam2Image } from "./preprocessing.js";
import type { Sam2Size } from "./sam2-hub.js";
import { hub, type Known, release, shortRevision } from "./sources.js";

const osamTag = "sam2.1";
const osam = release("wkentaro/osam", osamTag);

/** SAM 2.1 in single files with a mask input (wkentaro/osam). */
function osamExport(size: Sam2Size, encoder: string, decoder: string): ModelSpec {
  const stem = `sam2.1_${size.replace("-", "_")}`;
  return {
    id: `sam2.1-${size}-osam`,
    title: `SAM 2.1 ${size}, osam export`,
    family: "sam2",
    version: osamTag,
    license: "Apache-2.0",
    layout: "sam2-osam",
    files: {
      encoder: osam(`${stem}_preprocess.onnx`, [undefined, encoder]),
      decoder: osam(`${stem}.onnx`, [undefined, decoder]),
    },
    precision: { encoder: "fp32", decoder: "fp32" },
    image: sam2Image,
  };
}

const osamExports: readonly ModelSpec[] = [
  osamExport(
    "tiny",
    "5557482c56565f6a6c8206874b1a11c392cef8a1766477bf035b919092f2b619",
    "11a2c86fabbea9d0268213a9205c99a7f7e379caa0493bd13f5cca8ffaae6777",
  ),
  osamExport(
    "small",
    "06016c6dfb146ce10e4dadfdf49e88a05c8d1f97a6b7c57e150e60d2d46a72e7",
    "153aaef5047a3b95285d90cbb39dad6c7b5821bfd944dbf56483f3f735936941",
  ),
  osamExport(
    "base-plus",
    "ce95c44082b4532c25ae01e11da3c9337dab7b04341455c09ae599dc9ae5c438",
    "2ad091af889b20ad2035503b4355cd8924fcf0e29fa6536924c48dc220ecdc56",
  ),
  osamExport(
    "large",
    "ab676f957528918496990f242163fd6b41a7222ae255862e846d9ab35115c12e",
    "a3ebc6b8e254bd4ca1346901b9472bc2fae9e827cfd67d67e162d0ae2b1ec9a0",
  ),
];

const samexporterCommit = "cd5a2fabd994d7b67e98d95df1232276b5cc8c0a";
const samexporter = hub("vietanhdev/segment-anything-2-onnx-models", samexporterCommit);

/**
 * SAM 2, the release before 2.1, in single files with a mask input (vietanhdev/samexporter). Reported: two entries of the
 * encoders' `value_info` have no element type, which onnxruntime refuses; the runtime for Node takes them out.
 */
function samexporterExport(size: Sam2Size, encoder: Known = [], decoder: Known = []): ModelSpec {
  const stem = `sam2_hiera_${size.replace("-", "_")}`;
  return {
    id: `sam2-${size}`,
    title: `SAM 2 ${size}`,
    family: "sam2",
    version: shortRevision(samexporterCommit),
    license: "Apache-2.0",
    layout: "sam2-samexporter",
    files: {
      encoder: samexporter(`${stem}.encoder.onnx`, encoder),
      decoder: samexporter(`${stem}.decoder.onnx`, decoder),
    },
    precision: { encoder: "fp32", decoder: "fp32" },
    image: sam2Image,
  };
}

/** SAM 2 and 2.1 in files that hold their weights themselves. */
export const sam2SingleFiles: readonly ModelSpec[] = [
  ...osamExports,
  samexporterExport(
    "tiny",
    [134261315, "4cc015ee18520e93f8c7ddfeaca7436039daaaaf19721b4b96a8810a805e82f7"],
    [20640886, "f5a4bd656c143899fb7f52d64ed81e6f6aeb37d477a0b6da50146ac7cf2187bf"],
  ),
  samexporterExport("small"),
  samexporterExport("base-plus"),
  samexporterExport("large"),
];
