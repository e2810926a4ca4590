import { describeClasses, yoloModel } from "@maskery/core/testing";
import { createOnnxRuntime } from "@maskery/node";

const parts = { runtime: () => createOnnxRuntime() };

describeClasses("YOLO, raw", yoloModel("raw"), parts);
describeClasses("YOLO, end to end", yoloModel("end-to-end"), parts);
