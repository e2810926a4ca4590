import { describeLayout, edgeSamModel } from "@maskery/core/testing";
import { createNodePlatform, createOnnxRuntime } from "@maskery/node";

const parts = { runtime: () => createOnnxRuntime(), platform: createNodePlatform() };

describeLayout("edgesam", edgeSamModel(), parts);
describeLayout("edgesam at 1024", edgeSamModel({ frame: 1024 }), parts);
