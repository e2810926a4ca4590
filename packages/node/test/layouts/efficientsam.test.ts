import { describeLayout, efficientSamModel } from "@maskery/core/testing";
import { createNodePlatform, createOnnxRuntime } from "@maskery/node";

const parts = { runtime: () => createOnnxRuntime(), platform: createNodePlatform() };

describeLayout("efficientsam", efficientSamModel(), parts);
describeLayout(
  "efficientsam without low-resolution masks",
  efficientSamModel({ lowResOutput: false }),
  parts,
);
describeLayout("efficientsam at 1024", efficientSamModel({ frame: 1024 }), parts);
