import { describeLayout, sam1Model } from "@maskery/core/testing";
import { createNodePlatform, createOnnxRuntime } from "@maskery/node";

const parts = { runtime: () => createOnnxRuntime(), platform: createNodePlatform() };

describeLayout("sam1, four masks", sam1Model(), parts);
describeLayout("sam1, one mask", sam1Model({ decoder: "single", inputName: "x" }), parts);
describeLayout("sam1, extra metrics", sam1Model({ decoder: "extra-metrics" }), parts);
describeLayout("sam1 at 1024", sam1Model({ frame: 1024 }), parts);
describeLayout("sam1 in half precision", sam1Model({ elementType: "float16" }), parts);
