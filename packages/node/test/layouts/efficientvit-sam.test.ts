import { describeLayout, efficientVitSamModel } from "@maskery/core/testing";
import { createNodePlatform, createOnnxRuntime } from "@maskery/node";

const parts = { runtime: () => createOnnxRuntime(), platform: createNodePlatform() };

describeLayout("efficientvit-sam", efficientVitSamModel(), parts);
describeLayout(
  "efficientvit-sam, prompts at 1024 and pictures at 512",
  efficientVitSamModel({ frame: 1024 }),
  parts,
);
