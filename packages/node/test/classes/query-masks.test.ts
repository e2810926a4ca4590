import { describeClasses, detrPanopticModel, maskFormerModel } from "@maskery/core/testing";
import { createOnnxRuntime } from "@maskery/node";

const parts = { runtime: () => createOnnxRuntime() };

describeClasses("DETR panoptic", detrPanopticModel(), parts);
describeClasses("MaskFormer", maskFormerModel(), parts);
