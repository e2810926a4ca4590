import { hub, type Known, release, shortRevision } from "../catalogue/sources.js";
import type { ClassModelSpec } from "./class-model-spec.js";
import { imagenet, stretchTo } from "./picture-constants.js";

/** The large files of the ONNX model zoo are behind this address; its commits pin them. */
const zooCommit = "4c46cd00fbdb7cd30b6c1c17ab54f2e1f4f7b177";
const zooFolder = `https://media.githubusercontent.com/media/onnx/models/${zooCommit}/validated/vision/object_detection_segmentation/`;
const zoo = (path: string, bytes: number, sha256: string) => ({
  name: path.slice(path.lastIndexOf("/") + 1),
  bytes,
  sha256,
  url: zooFolder + path,
});

const detrCommit = "ea24b2d4e0bfae31f0a1299ba3fb892a2df064de";
const detr = hub("Xenova/detr-resnet-50-panoptic", detrCommit, "onnx/");

/**
 * SegFormer of NVlabs, trained on ADE20K, as the hub's exporter writes it: logits at a quarter of the frame, one plane for each of
 * the 150 classes and none for "nothing" (huggingface/transformers: models/segformer).
 */
function segFormer(
  size: "b0" | "b2",
  commit: string,
  known: { readonly fp32: Known; readonly fp16?: Known; readonly q8?: Known },
): ClassModelSpec {
  const source = hub(`Xenova/segformer-${size}-finetuned-ade-512-512`, commit, "onnx/");
  const { fp32, fp16, q8 } = known;
  return {
    task: "classes",
    id: `segformer-${size}`,
    title: `SegFormer ${size.toUpperCase()}, ADE20K`,
    family: "segformer",
    version: shortRevision(commit),
    license: "NVIDIA-SegFormer",
    terms: {
      name: "NVIDIA Source Code License for SegFormer (non-commercial)",
      url: "https://github.com/NVlabs/SegFormer/blob/master/LICENSE",
      acceptance: "required",
    },
    form: "class-planes",
    files: { model: source("model.onnx", fp32) },
    precision: { model: "fp32" },
    ...((fp16 || q8) && {
      variants: {
        ...(fp16 && { fp16: { model: source("model_fp16.onnx", fp16) } }),
        ...(q8 && { q8: { model: source("model_quantized.onnx", q8) } }),
      },
    }),
    image: { resize: stretchTo(512), ...imagenet },
    labels: "ade20k",
  };
}

const yoloTag = "v8.3.0";
const yolo = release("ultralytics/assets", yoloTag);

/** Public models that name what they find, each at a pinned revision. */
export const classCatalogue: readonly ClassModelSpec[] = [
  {
    task: "classes",
    id: "fcn-resnet50",
    title: "FCN ResNet-50",
    family: "fcn",
    version: shortRevision(zooCommit),
    license: "MIT",
    form: "class-planes",
    files: {
      model: zoo(
        "fcn/model/fcn-resnet50-11.onnx",
        141193553,
        "8abd3ae6c258e6fd210d8fb296261ea5c0603c6cc2f568db6097f6fbaaeff0d5",
      ),
    },
    image: { resize: { rule: "shorter", side: 520, longest: 1333 }, ...imagenet },
    labels: "voc",
  },
  {
    task: "classes",
    id: "mask-rcnn",
    title: "Mask R-CNN ResNet-50, int8",
    family: "mask-rcnn",
    version: shortRevision(zooCommit),
    license: "MIT",
    form: "box-masks",
    files: {
      model: zoo(
        "mask-rcnn/model/MaskRCNN-12-int8.onnx",
        45769352,
        "4409935e855719fd6cd986f7ec2a3de840d0bd9c9cf7a0cba84ce95377f5b476",
      ),
    },
    precision: { model: "int8" },
    image: {
      resize: { rule: "shorter", side: 800, longest: 1333 },
      multiple: { of: 32, by: "padding" },
      channels: "bgr",
      mean: [102.9801, 115.9465, 122.7717],
      std: [1, 1, 1],
    },
    labels: "coco-background",
  },
  {
    task: "classes",
    id: "detr-panoptic",
    title: "DETR ResNet-50 panoptic",
    family: "detr",
    version: shortRevision(detrCommit),
    license: "Apache-2.0",
    form: "query-masks",
    files: {
      model: detr("model_fp16.onnx", [
        86559030,
        "afd9f02d864302d690356fd4bfcb2feed2397a1190bf46a7306cb430464d734a",
      ]),
    },
    precision: { model: "fp16" },
    image: { resize: { rule: "shorter", side: 800, longest: 1333 }, ...imagenet },
    labels: "coco-panoptic-ids",
  },
  segFormer("b0", "d3e5499fa8701ff0453ca940a8dfeae39b2f1504", {
    fp32: [15335446, "3e5c18a4be395f16646438d54c42377ddc202edfa33d5eced0c9506de75c44c2"],
    fp16: [],
    q8: [4418863, "9a98d6daf3d926869ab8cc4c2ed7374a2bc23b889bb7ca3b0915d15e3c4756bb"],
  }),
  segFormer("b2", "df795789e70f4089c8658907679c6fd2367c89a5", {
    fp32: [110445327, "819c15e6af8c4de3359c1de7ab0a17d0dde495df1d16f8908a7163f8038e0fa0"],
  }),
  {
    task: "classes",
    id: "yolo11n-seg",
    title: "YOLO11n-seg",
    family: "yolo",
    version: yoloTag,
    license: "AGPL-3.0",
    terms: {
      name: "GNU AGPL 3.0, or a licence of Ultralytics",
      url: "https://github.com/ultralytics/ultralytics/blob/main/LICENSE",
      acceptance: "required",
    },
    form: "prototype-masks",
    files: {
      model: yolo("yolo11n-seg.onnx", [
        undefined,
        "0bc32bc92e985b881141ef9bd2216e2a746f70519d0d24da9fc85decc4428cf4",
      ]),
    },
    image: {
      resize: { rule: "letterbox", width: 640, height: 640, fill: 114 },
      mean: [0, 0, 0],
      std: [255, 255, 255],
    },
    labels: "coco",
  },
];
