import type { ModelSpec } from "../model-spec.js";
import { sam2Image, sam3Image } from "./preprocessing.js";
import { graphWithData } from "./sam2-hub.js";
import { hub, shortRevision } from "./sources.js";

const edgeTamCommit = "9c77c7bff7fd0f3079585fa17af7f730ddc531ed";
const edgeTam = hub("onnx-community/EdgeTAM-ONNX", edgeTamCommit, "onnx/");

const sam3Commit = "429305c8a5b3de597243d919a07e4e6bdcd00ef7";
const sam3 = hub("onnx-community/sam3-tracker-ONNX", sam3Commit, "onnx/");

const encoderName = "vision_encoder.onnx";
const decoderName = "prompt_encoder_mask_decoder.onnx";

/** Models with the tensors of SAM2 in the hub's export. */
export const sam2Relatives: readonly ModelSpec[] = [
  {
    id: "edgetam",
    title: "EdgeTAM",
    family: "sam2",
    version: shortRevision(edgeTamCommit),
    license: "Apache-2.0",
    layout: "sam2-hf",
    files: {
      encoder: graphWithData(
        edgeTam,
        encoderName,
        [192225, "ed068218eba96760fe02d04ce899c449660ac813a088d80ed7f42c8bb01e7cec"],
        [19532576, "21e75dba7077dfcb53e8c9a6e99977156f2240ff3f1f9cddc43d66aa1ecb528e"],
      ),
      decoder: graphWithData(
        edgeTam,
        decoderName,
        [213114, "d3668299ec3edf70fbb139ec642b54bf3d4be453fd1b688a6b5938e0856fe546"],
        [20958208, "dfa2125e30d08d388732f20c18fb63ab0f0f590cd270eb307f0c2b65919d1be8"],
      ),
    },
    precision: { encoder: "fp32", decoder: "fp32" },
    variants: {
      fp16: {
        encoder: graphWithData(edgeTam, "vision_encoder_fp16.onnx", [167617], [9739536]),
        decoder: graphWithData(edgeTam, "prompt_encoder_mask_decoder_fp16.onnx", [229799], [10454016]),
      },
    },
    // Both were reported to give garbage.
    unreliable: { encoder: ["fp16", "q8"], decoder: ["fp16", "q8"] },
    image: sam2Image,
  },
  {
    id: "sam3-tracker",
    title: "SAM 3 tracker",
    family: "sam2",
    version: shortRevision(sam3Commit),
    license: "SAM License",
    terms: {
      name: "SAM License of Meta",
      url: "https://github.com/facebookresearch/sam3/blob/main/LICENSE",
      acceptance: "required",
    },
    layout: "sam2-hf",
    files: {
      encoder: graphWithData(
        sam3,
        encoderName,
        [1275304, "9f284aab8c3d8e81e9c79f7b566f9cea43b7bc9afdd920eee2390fb65b3db897"],
        [1869466624, "838e1f0b2d0394ed3bd3b3499775dd6676524e1dfc5a7371948a76dcb69e4dd3"],
      ),
      decoder: graphWithData(
        sam3,
        decoderName,
        [213114, "4f9ac85291d634ae36a21ce940e3c09671cc05b6511966e5d3d96988b12b95f8"],
        [22072320, "2d870726d484cb496760fd139c21f115cf1b945c6b69583489faa2ac79f1d2ae"],
      ),
    },
    precision: { encoder: "fp32", decoder: "fp32" },
    variants: {
      fp16: {
        encoder: graphWithData(sam3, "vision_encoder_fp16.onnx", [1263005], [934729728]),
        decoder: graphWithData(sam3, "prompt_encoder_mask_decoder_fp16.onnx", [229804], [11011072]),
      },
    },
    unreliable: { decoder: ["fp16"] },
    image: sam3Image,
  },
];
