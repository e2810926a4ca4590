import { describeLayout, sam1PreprocessModel } from "@maskery/core/testing";
import { createNodePlatform, createOnnxRuntime } from "@maskery/node";

const parts = { runtime: () => createOnnxRuntime(), platform: createNodePlatform() };

describeLayout("sam1-preprocess, four masks", sam1PreprocessModel(), parts);
describeLayout("sam1-preprocess, one mask", sam1PreprocessModel({ decoder: "single" }), parts);
describeLayout("sam1-preprocess at 1024", sam1PreprocessModel({ frame: 1024 }), parts);
