import type { ModelSpec } from "../model-spec.js";
import { samImage } from "./preprocessing.js";
import { hub, type Known, release, shortRevision } from "./sources.js";

const labelmeTag = "sam-20230416";
const labelme = release("wkentaro/labelme", labelmeTag);

/**
 * The three sizes of SAM, exported with the official decoder and quantised (wkentaro/labelme). Hashes as pinned by
 * wkentaro/osam.
 */
function officialDecoder(
  size: "b" | "l" | "h",
  checkpoint: string,
  encoder: string,
  decoder: string,
): ModelSpec {
  const file = (half: string, sha256: string) =>
    labelme(`sam_vit_${size}_${checkpoint}.quantized.${half}.onnx`, [undefined, sha256]);
  return {
    id: `sam-vit-${size}`,
    title: `SAM ViT-${size.toUpperCase()}`,
    family: "sam",
    version: labelmeTag,
    license: "Apache-2.0",
    layout: "sam1",
    files: { encoder: file("encoder", encoder), decoder: file("decoder", decoder) },
    precision: { encoder: "q8", decoder: "q8" },
    image: samImage,
  };
}

const samLargeCommit = "bad3c600df2df287ffbd1592849efbad608399e6";
const slimCommit = "5850ab45f587c112167512ffef949107115e26a0";

/** The decoder of SAM in this layout is the same file for every encoder: the encoders were pruned, not it. */
const slimKnown: Readonly<Record<string, Known>> = {
  "vision_encoder.onnx": [23276014, "9f8433273a6750b587779baa0cf5508111001bf7e7acfcf585d370139fd366d0"],
  "prompt_encoder_mask_decoder.onnx": [
    16557892,
    "f4514391764fbd56e08e119060d874ecd7d52994bfb1968af159e12d4943b5bb",
  ],
  "vision_encoder_quantized.onnx": [
    8882165,
    "cce23c7b2e5d4f330932738fb67ba518e04b0d99ccdd1cccd22a7da4e01f2971",
  ],
  "prompt_encoder_mask_decoder_quantized.onnx": [
    4903810,
    "cb90b279f549d2cab7fd6e20c38522438c65d84bdcca3d2a764cff7d857fdce2",
  ],
};

/** SAM as the hub's own exporter splits it: single files in three precisions. */
function hubSplit(
  model: Pick<ModelSpec, "id" | "title">,
  repository: string,
  commit: string,
  known: Readonly<Record<string, Known>>,
): ModelSpec {
  const source = hub(repository, commit, "onnx/");
  const file = (name: string) => source(name, known[name]);
  const halves = (suffix: string) => ({
    encoder: file(`vision_encoder${suffix}.onnx`),
    decoder: file(`prompt_encoder_mask_decoder${suffix}.onnx`),
  });
  return {
    ...model,
    family: "sam",
    version: shortRevision(commit),
    license: "Apache-2.0",
    layout: "sam1-hf",
    files: halves(""),
    precision: { encoder: "fp32", decoder: "fp32" },
    variants: { fp16: halves("_fp16"), q8: halves("_quantized") },
    image: samImage,
  };
}

const slim50 = hub("Xenova/slimsam-50-uniform", "main", "onnx/");

/** No commit of this repository is published anywhere we know; so its files are pinned by their hashes alone. */
const slimSam50: ModelSpec = {
  id: "slimsam-50",
  title: "SlimSAM-50",
  family: "sam",
  version: "sha256-84934ceb504b",
  license: "Apache-2.0",
  layout: "sam1-hf",
  files: {
    encoder: slim50("vision_encoder_quantized.onnx", [
      30068885,
      "84934ceb504b07a757c63f56440699c9c593933b41bea3e11c261eb27a35baab",
    ]),
    decoder: slim50(
      "prompt_encoder_mask_decoder_quantized.onnx",
      slimKnown["prompt_encoder_mask_decoder_quantized.onnx"],
    ),
  },
  precision: { encoder: "q8", decoder: "q8" },
  image: samImage,
};

const mobileCommit = "0d3b403339b4674a82493d5e97964dd78089ddc8";
const mobile = hub("Acly/MobileSAM", mobileCommit);

/** MobileSAM with preprocessing inside the encoder and the decoder of four masks (Acly/MobileSAM). */
const mobileSam: ModelSpec = {
  id: "mobile-sam",
  title: "MobileSAM",
  family: "sam",
  version: shortRevision(mobileCommit),
  license: "Apache-2.0",
  layout: "sam1-preprocess",
  files: {
    encoder: mobile("mobile_sam_image_encoder.onnx", [
      28157093,
      "580f5fb648ea1062c0aabc26217aed56921985f03f0cbbd852bba81d760cc749",
    ]),
    decoder: mobile("sam_mask_decoder_multi.onnx", [
      16496559,
      "8976b90a87ba50a6a72217a5ff994f7d25ce16f2229fcc1ed259e1294c622ffe",
    ]),
  },
  precision: { encoder: "fp32", decoder: "fp32" },
  image: samImage,
};

export const samModels: readonly ModelSpec[] = [
  officialDecoder(
    "b",
    "01ec64",
    "3346b9cc551c9902fbf3b203935e933592b22e042365f58321c17fc12641fd6a",
    "edbcf1a0afaa55621fb0abe6b3db1516818b609ea9368f309746a3afc68f7613",
  ),
  officialDecoder(
    "l",
    "0b3195",
    "f7158a4a1fe7f670ef47ea2f7f852685425c1ed6caa40f5df86cbe2b0502034f",
    "552ebb23bf52c5e5b971ac710d1eb8dccfd88b36cc6aff881d1536d1662e6d7b",
  ),
  officialDecoder(
    "h",
    "4b8939",
    "a5c745fd4279efc5e5436b412200e983dafc2249ce172af6cc0002a71bb5f485",
    "020b385a45ffe51097e1acd10cd791075a86171153505f789a793bc382eef210",
  ),
  hubSplit({ id: "sam-vit-l-hf", title: "SAM ViT-L, hub export" }, "Xenova/sam-vit-large", samLargeCommit, {
    "vision_encoder_fp16.onnx": [
      618362845,
      "d02005e31cff0105ea62d55b34e1841ebadd3dc48f7a23647d3b3714e03145c6",
    ],
  }),
  mobileSam,
  hubSplit({ id: "slimsam-77", title: "SlimSAM-77" }, "Xenova/slimsam-77-uniform", slimCommit, slimKnown),
  slimSam50,
];
