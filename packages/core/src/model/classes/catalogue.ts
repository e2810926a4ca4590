import { hub, release, shortRevision } from "../catalogue/sources.js";
import type { ForegroundModelSpec } from "../foreground/foreground-model-spec.js";
import type { ClassModelSpec } from "./class-model-spec.js";
import type { PictureInput } from "./picture-input.js";

/** Constants of ImageNet on the scale 0..255. */
const imagenet = {
  mean: [123.675, 116.28, 103.53],
  std: [58.395, 57.12, 57.375],
} satisfies Pick<PictureInput, "mean" | "std">;

const stretch = (side: number) => ({ rule: "stretch" as const, width: side, height: side });

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
];

const rembgTag = "v0.0.0";
const rembg = release("danielgatis/rembg", rembgTag);

const biRefNetCommit = "de15b22ba131738a16dff04aab8bdf8dc32e3ac1";
const biRefNet = hub("onnx-community/BiRefNet_lite-ONNX", biRefNetCommit, "onnx/");

/** rembg scales a picture by its own maximum and stretches what comes out (danielgatis/rembg: sessions/u2net.py). */
function u2net(id: string, title: string, file: ForegroundModelSpec["files"]["model"]): ForegroundModelSpec {
  return {
    task: "foreground",
    id,
    title,
    family: "u2net",
    version: rembgTag,
    license: "Apache-2.0",
    files: { model: file },
    image: { resize: stretch(320), filter: "lanczos", maximum: "own", ...imagenet },
    stretch: "min-max",
  };
}

/** Public models that tell the subject from the background, each at a pinned revision. */
export const foregroundCatalogue: readonly ForegroundModelSpec[] = [
  u2net(
    "u2netp",
    "U²-Net, small",
    rembg("u2netp.onnx", [4574861, "309c8469258dda742793dce0ebea8e6dd393174f89934733ecc8b14c76f4ddd8"]),
  ),
  u2net("u2net", "U²-Net", rembg("u2net.onnx")),
  u2net("silueta", "Silueta", rembg("silueta.onnx")),
  {
    task: "foreground",
    id: "isnet-general-use",
    title: "IS-Net, general use",
    family: "isnet",
    version: rembgTag,
    // Of the code; the terms of the weights are not stated apart.
    license: "Apache-2.0",
    files: {
      model: rembg("isnet-general-use.onnx", [
        178648008,
        "60920e99c45464f2ba57bee2ad08c919a52bbf852739e96947fbb4358c0d964a",
      ]),
    },
    image: {
      resize: stretch(1024),
      filter: "lanczos",
      maximum: "own",
      mean: [127.5, 127.5, 127.5],
      std: [255, 255, 255],
    },
    stretch: "min-max",
  },
  {
    task: "foreground",
    id: "birefnet-lite",
    title: "BiRefNet lite",
    family: "birefnet",
    version: shortRevision(biRefNetCommit),
    license: "MIT",
    files: {
      model: biRefNet("model.onnx", [
        224005088,
        "5600024376f572a557870a5eb0afb1e5961636bef4e1e22132025467d0f03333",
      ]),
    },
    image: { resize: stretch(1024), ...imagenet },
    values: "logits",
  },
  {
    task: "foreground",
    id: "rmbg-2.0",
    title: "RMBG 2.0",
    family: "rmbg",
    version: rembgTag,
    license: "CC-BY-NC-4.0",
    terms: {
      name: "CC BY-NC 4.0 (non-commercial)",
      url: "https://huggingface.co/briaai/RMBG-2.0",
      acceptance: "required",
    },
    files: {
      model: rembg("bria-rmbg-2.0.onnx", [
        undefined,
        "5b486f08200f513f460da46dd701db5fbb47d79b4be4b708a19444bcd4e79958",
      ]),
    },
    image: { resize: stretch(1024), ...imagenet },
  },
];
