import type { ModelSpec } from "../model-spec.js";
import { samImage } from "./preprocessing.js";
import { hub, release, repositoryFiles, shortRevision } from "./sources.js";

const float32 = { encoder: "fp32", decoder: "fp32" } as const;

/** EfficientSAM prepares the picture inside the graph: it wants 0..1 (yformer/EfficientSAM). */
const efficientSamImage: ModelSpec["image"] = {
  size: 1024,
  resize: "stretch",
  mean: [0, 0, 0],
  std: [255, 255, 255],
};

const efficientSamCommit = "f13035d925a0de803e8f733f3239fa05b1fcf36f";
const efficientSam = repositoryFiles("yformer/EfficientSAM", efficientSamCommit, "weights/");
const efficientSamTag = "onnx-models-20231225";
const efficientSamRelease = release("labelmeai/efficient-sam", efficientSamTag);

const edgeSamCommit = "e0564124628944e1622973d4e0f68158b46f035a";
const edgeSam = hub("chongzhou/EdgeSAM", edgeSamCommit);

const efficientVitTag = "v0.2.4";
const efficientVit = release("CVHub520/X-AnyLabeling", efficientVitTag);

/**
 * EfficientViT-SAM as X-AnyLabeling hosts it: an older export whose tensors are not published, so the layout is found when
 * the graphs are loaded.
 */
function efficientVitSam(size: "l0" | "l1"): ModelSpec {
  return {
    id: `efficientvit-sam-${size}`,
    title: `EfficientViT-SAM ${size.toUpperCase()}`,
    family: "sam",
    version: efficientVitTag,
    license: "Apache-2.0",
    files: {
      encoder: efficientVit(`efficientvit_sam_${size}_vit_h.encoder.onnx`),
      decoder: efficientVit(`efficientvit_sam_${size}_vit_h.decoder.onnx`),
    },
    precision: float32,
    image: { ...samImage, size: 512, promptSize: 1024 },
  };
}

/** Smaller models with prompts as SAM's and tensors of their own. */
export const samRelatives: readonly ModelSpec[] = [
  {
    id: "efficientsam-ti",
    title: "EfficientSAM-Ti",
    family: "sam",
    version: shortRevision(efficientSamCommit),
    license: "Apache-2.0",
    layout: "efficientsam",
    files: {
      encoder: efficientSam("efficient_sam_vitt_encoder.onnx", [
        24799761,
        "84ed466ffcc5c1f8d08409bc34a23bb364ab2c15e402cb12d4335a42be0e0951",
      ]),
      decoder: efficientSam("efficient_sam_vitt_decoder.onnx", [
        16565728,
        "a62f8fa5ea080447c0689418d69e58f1e83e0b7adf9c142e2bd9bcc8045c0b11",
      ]),
    },
    precision: float32,
    image: efficientSamImage,
  },
  {
    id: "efficientsam-s",
    title: "EfficientSAM-S",
    family: "sam",
    version: efficientSamTag,
    license: "Apache-2.0",
    layout: "efficientsam",
    files: {
      encoder: efficientSamRelease("efficient_sam_vits_encoder.onnx", [
        undefined,
        "4cacbb23c6903b1acf87f1d77ed806b840800c5fcd4ac8f650cbffed474b8896",
      ]),
      decoder: efficientSamRelease("efficient_sam_vits_decoder.onnx", [
        undefined,
        "4727baf23dacfb51d4c16795b2ac382c403505556d0284e84c6ff3d4e8e36f22",
      ]),
    },
    precision: float32,
    image: efficientSamImage,
  },
  {
    id: "edgesam",
    title: "EdgeSAM 3x",
    family: "sam",
    version: shortRevision(edgeSamCommit),
    license: "S-Lab-1.0",
    terms: {
      name: "S-Lab License 1.0 (non-commercial)",
      url: "https://github.com/chongzhou96/EdgeSAM/blob/master/LICENSE",
      acceptance: "required",
    },
    layout: "edgesam",
    files: {
      encoder: edgeSam("edge_sam_3x_encoder.onnx", [
        undefined,
        "719a498cf5b3fe9be9f01ee513e13d3915f9028aa4f23dfd30eaaa0a17143159",
      ]),
      decoder: edgeSam("edge_sam_3x_decoder.onnx", [
        undefined,
        "83a2174d54571596913dcb7455d021e713623c3dca30a31c8c41ab98c9fb0863",
      ]),
    },
    precision: float32,
    image: samImage,
  },
  efficientVitSam("l0"),
  efficientVitSam("l1"),
];
