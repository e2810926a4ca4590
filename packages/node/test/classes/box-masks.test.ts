import { describeClasses, maskRcnnModel } from "@maskery/core/testing";
import { createOnnxRuntime } from "@maskery/node";

const parts = { runtime: () => createOnnxRuntime() };

describeClasses("Mask R-CNN of the model zoo", maskRcnnModel(), parts);
