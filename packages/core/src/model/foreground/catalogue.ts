import { hub, type Known, release, shortRevision } from "../catalogue/sources.js";
import { halfAndOne, imagenet, stretchTo } from "../classes/picture-constants.js";
import type { ForegroundModelSpec } from "./foreground-model-spec.js";

const rembgTag = "v0.0.0";
const rembg = release("danielgatis/rembg", rembgTag);

const biRefNetCommit = "534d3c82d3bb8b2f0867db6dfbc3a525b8e42f67";
const biRefNet = hub("onnx-community/BiRefNet-ONNX", biRefNetCommit, "onnx/");

const biRefNetLiteCommit = "de15b22ba131738a16dff04aab8bdf8dc32e3ac1";
const biRefNetLite = hub("onnx-community/BiRefNet_lite-ONNX", biRefNetLiteCommit, "onnx/");

const rmbgCommit = "2ceba5a5efaec153162aedea169f76caf9b46cf8";
const rmbg = hub("briaai/RMBG-1.4", rmbgCommit, "onnx/");

/** rembg scales a picture by its own maximum and stretches what comes out (danielgatis/rembg: sessions/u2net.py). */
function u2net(id: string, title: string, known: Known): ForegroundModelSpec {
  return {
    task: "foreground",
    id,
    title,
    family: "u2net",
    version: rembgTag,
    license: "Apache-2.0",
    files: { model: rembg(`${id}.onnx`, known) },
    image: { resize: stretchTo(320), filter: "lanczos", maximum: "own", ...imagenet },
    stretch: "min-max",
  };
}

/** Public models that tell the subject from the background, each at a pinned revision. */
export const foregroundCatalogue: readonly ForegroundModelSpec[] = [
  u2net("u2netp", "U²-Net, small", [
    4574861,
    "309c8469258dda742793dce0ebea8e6dd393174f89934733ecc8b14c76f4ddd8",
  ]),
  u2net("u2net", "U²-Net", [175997641, "8d10d2f3bb75ae3b6d527c77944fc5e7dcd94b29809d47a739a7a728a912b491"]),
  u2net("silueta", "Silueta", [44173029, "75da6c8d2f8096ec743d071951be73b4a8bc7b3e51d9a6625d63644f90ffeedb"]),
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
      resize: stretchTo(1024),
      filter: "lanczos",
      maximum: "own",
      ...halfAndOne,
    },
    stretch: "min-max",
  },
  {
    task: "foreground",
    id: "birefnet-lite",
    title: "BiRefNet lite",
    family: "birefnet",
    version: shortRevision(biRefNetLiteCommit),
    license: "MIT",
    files: {
      model: biRefNetLite("model.onnx", [
        224005088,
        "5600024376f572a557870a5eb0afb1e5961636bef4e1e22132025467d0f03333",
      ]),
    },
    image: { resize: stretchTo(1024), ...imagenet },
    values: "logits",
  },
  {
    task: "foreground",
    id: "birefnet",
    title: "BiRefNet",
    family: "birefnet",
    version: shortRevision(biRefNetCommit),
    license: "MIT",
    files: {
      model: biRefNet("model.onnx", [
        972666916,
        "58f621f00f5d756097615970a88a791584600dcf7c45b18a0a6267535a1ebd3c",
      ]),
    },
    precision: { model: "fp32" },
    variants: {
      fp16: {
        model: biRefNet("model_fp16.onnx", [
          undefined,
          "3654c741eb80bd926ada8fed1713b506ccf8d30eb1f6487e87eb9f234f33df09",
        ]),
      },
    },
    image: { resize: stretchTo(1024), ...imagenet },
    values: "logits",
  },
  {
    task: "foreground",
    id: "rmbg-1.4",
    title: "RMBG 1.4",
    family: "rmbg",
    version: shortRevision(rmbgCommit),
    license: "bria-rmbg-1.4",
    terms: {
      name: "BRIA RMBG 1.4 licence (non-commercial)",
      url: "https://huggingface.co/briaai/RMBG-1.4",
      acceptance: "required",
    },
    files: {
      model: rmbg("model.onnx", [
        176153355,
        "8cafcf770b06757c4eaced21b1a88e57fd2b66de01b8045f35f01535ba742e0f",
      ]),
    },
    precision: { model: "fp32" },
    variants: {
      fp16: {
        model: rmbg("model_fp16.onnx", [
          88217533,
          "9fdfdb41866d872e0acf4a010c35c1a8547bf0eebe0d1544406bbf1c824cb59d",
        ]),
      },
      q8: {
        model: rmbg("model_quantized.onnx", [
          44403226,
          "a6648479275dfd0ede0f3a8abc20aa5c437b394681b05e5af6d268250aaf40f3",
        ]),
      },
    },
    image: { resize: stretchTo(1024), ...halfAndOne },
    // As its author's own example does.
    stretch: "min-max",
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
    image: { resize: stretchTo(1024), ...imagenet },
  },
];
