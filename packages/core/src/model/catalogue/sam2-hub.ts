import type { GraphFile } from "../model-files.js";
import type { ModelSpec } from "../model-spec.js";
import { sam2Image } from "./preprocessing.js";
import { hub, type Known, type Source, shortRevision } from "./sources.js";

export type Sam2Size = "tiny" | "small" | "base-plus" | "large";

/** A graph of the hub's export: its weights lie beside it, under its own name with `_data`. */
export function graphWithData(source: Source, name: string, graph: Known, data: Known): GraphFile {
  return source(name, graph, [`${name}_data`, data]);
}

const decoderName = "prompt_encoder_mask_decoder.onnx";

function sam21(
  size: Sam2Size,
  commit: string,
  graphs: (source: Source) => Pick<ModelSpec, "files" | "precision" | "variants">,
): ModelSpec {
  return {
    id: `sam2.1-${size}`,
    title: `SAM 2.1 ${size}`,
    family: "sam2",
    version: shortRevision(commit),
    license: "Apache-2.0",
    layout: "sam2-hf",
    ...graphs(hub(`onnx-community/sam2.1-hiera-${size}-ONNX`, commit, "onnx/")),
    // Reported to give unusable masks.
    unreliable: { decoder: ["fp16"] },
    image: sam2Image,
  };
}

/** SAM 2.1 in the hub's export. Sizes and hashes are pinned by public projects that use these files. */
export const sam2HubExports: readonly ModelSpec[] = [
  sam21("tiny", "814a066640debee5a91e70aa401fb8e17e030503", (source) => ({
    files: {
      encoder: graphWithData(
        source,
        "vision_encoder.onnx",
        [354238, "4f30aacd3aaefbca81a0b7fe4c1fc96345570ea0a6f80ced599493d1b3be2e8c"],
        [134084864, "e83df9866a5afe68ea7f0f721f18f65137fc3acbf0da1c74e946d363e09c69cc"],
      ),
      decoder: graphWithData(
        source,
        decoderName,
        [213114, "874414704c5d686db7d206a35f6e15d26563d50c8c4468fccc6739bd7e491dcf"],
        [20958208, "e9874d900dd4134ed60eab1e97910327c2419e0b2954485d8fd6e7f1a1470f47"],
      ),
    },
    precision: { encoder: "fp32", decoder: "fp32" },
    variants: {
      fp16: {
        encoder: graphWithData(
          source,
          "vision_encoder_fp16.onnx",
          [314925, "7773e79d589dada8e1e630cc7eb18b17b2c5b4faeb1eaab5ebf9df618ecbd50a"],
          [67005504, "a4dd3759e9b6a476d991fb3493787992e78777e51462695e1bede71ae258103e"],
        ),
      },
      q8: {
        encoder: graphWithData(
          source,
          "vision_encoder_quantized.onnx",
          [441167, "8800fdd04b9045cb6060ba8962b83c78ce9bb0976da8f030afa073467a888524"],
          [52573088, "ea1f677596dc82cef0dc317d78135d892f4b26e20a4439f899aa58d84965b324"],
        ),
      },
    },
  })),
  sam21("small", "a7df49d8de14b9d2e4504d1687b0d568f905fd8d", (source) => ({
    files: {
      encoder: graphWithData(
        source,
        "vision_encoder.onnx",
        [467440, "aacf1f7137bb6fffcf6bf166abcfabe28f57a76059254f3fb611c4a64a208119"],
        [162476288, "260fd1f0a34e72a3dc79a739e563b4facc0ba75504818b433a1f808e66637456"],
      ),
      decoder: graphWithData(
        source,
        decoderName,
        [213114, "079c59b261f723ff5c6a125e69b0170a957b21c58738c28d2b0394ecd0587d7f"],
        [20958208, "f9e59a584ab8ced21fa812c211bc01084204db1c9e92a5ef4fb3a49972b4e864"],
      ),
    },
    precision: { encoder: "fp32", decoder: "fp32" },
    variants: {
      fp16: {
        encoder: graphWithData(
          source,
          "vision_encoder_fp16.onnx",
          [422501, "f236074c31a7ba9d1e00362e8c29cb95bf9dcdd61e208048493902878d9dc4db"],
          [81182784, "557e013522bace72a6b8441f66747f1c4b2a237d1e3c86f84dba86b6d814ec1f"],
        ),
      },
    },
  })),
  sam21("base-plus", "bab18593f44e652f04cf18b60b3690f60e8996b0", (source) => ({
    files: {
      encoder: graphWithData(source, "vision_encoder.onnx", [702836], [305746496]),
      decoder: graphWithData(
        source,
        decoderName,
        [213114, "f39eeec20243ed1c8f2cd013812e77813d937ddbc800fa4bc703761adc7e63cd"],
        [20958208, "445cd3f72a218815db10e336f4f1c46a6eb2713a0160a85af5365134607f32a7"],
      ),
    },
    precision: { encoder: "fp32", decoder: "fp32" },
    variants: {
      fp16: {
        encoder: graphWithData(
          source,
          "vision_encoder_fp16.onnx",
          [643078, "cb9324a431bfb78c70e4ead1ffb80766e236b50decd55c236c8eada4f0afde96"],
          [152780640, "78be422d399181ce3af00130409ebe32eb5b95825e7fe290440fbfaac70b99b4"],
        ),
      },
    },
  })),
  sam21("large", "3c23431f721e69cae82dbfd0c28fd692cc714021", (source) => ({
    files: {
      encoder: graphWithData(
        source,
        "vision_encoder.onnx",
        [1350487, "ad3a8161c6bd6d8beea811300c60e20d626035feaa3c19622ace27b22e25bec8"],
        [888587456, "88c501a65b6aaeac99b65a275f3f559727404283930d107d499fda8714ba7e5a"],
      ),
      decoder: graphWithData(
        source,
        decoderName,
        [213114, "a21b3b09f6e5f5838d630d92a150914ca58f8f58b603b8f53fc32b03da982203"],
        [20958208, "bfdcd4f7ee04298a82fe1aaf1bd7b8edf544d36901e1a886f01892fb915bd63c"],
      ),
    },
    precision: { encoder: "fp32", decoder: "fp32" },
  })),
];
