import { describeClasses, segformerModel, torchvisionModel, unetModel } from "@maskery/core/testing";
import { createOnnxRuntime } from "@maskery/node";

const parts = { runtime: () => createOnnxRuntime() };

describeClasses("FCN and DeepLabV3 of torchvision", torchvisionModel(), parts);
describeClasses("SegFormer", segformerModel(), parts);
describeClasses("U-Net, one plane", unetModel("one"), parts);
describeClasses("U-Net, several planes", unetModel("several"), parts);
