import type { OperationExamples } from "../operation-example.js";
import { discMask, discPicture } from "./pictures.js";

export const clinicalExamples: OperationExamples = {
  clinicalSegment: {
    request: { image_data: discPicture, image_type: "L3", patient_id: "example-patient", slice_index: 0 },
    response: {
      mask_data: discMask,
      confidence_score: 0.96,
      processing_time_ms: 420,
      bounding_box: { x: 12, y: 12, width: 24, height: 24 },
      cached: false,
      image_type: "L3",
      patient_id: "example-patient",
      slice_index: 0,
    },
  },
  clinicalHealth: {
    response: {
      status: "healthy",
      mode: "automatic",
      model: "nano",
      device: "cpu",
      supported_formats: ["PNG", "JPEG", "DICOM"],
    },
  },
};
