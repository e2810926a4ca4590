import type { OperationExamples } from "../operation-example.js";
import { discArea, discMask } from "./pictures.js";

const sessionId = "3f0c8f6e-2f1e-4c57-9d0c-0d8f3c1b2a4e";
const file = "http://localhost:8000/api/files/7b0c5a52-6d0a-4f0e-a7a6-2f1d7c0f6a11.png";

export const demoExamples: OperationExamples = {
  createDemoSession: {
    request: { demo_type: "image_segmentation" },
    response: {
      id: 1704110400,
      session_id: sessionId,
      demo_type: "image_segmentation",
      created_at: "2026-01-01T12:00:00.000Z",
    },
  },
  uploadDemoFile: {
    parameters: { session_id: sessionId },
    request: { file: "picture.png", name: "My picture.png" },
    response: {
      file_id: "7b0c5a52-6d0a-4f0e-a7a6-2f1d7c0f6a11",
      filename: "My picture.png",
      url: file,
      uploaded_at: "2026-01-01T12:00:01.000Z",
    },
  },
  startDemoSegmentation: {
    request: { session_id: sessionId },
    response: {
      task_id: "1a0f3f6e-8a44-4d39-8f55-59c3f4b7d2aa",
      status: "processing",
      message: "Image segmentation started",
    },
  },
  demoSessionStatus: {
    parameters: { session_id: sessionId },
    response: { status: "completed", progress: 100, message: "Processing completed successfully" },
  },
  demoSessionResults: {
    parameters: { session_id: sessionId },
    response: {
      input_image_url: file,
      output_image_url: "http://localhost:8000/api/files/c2a2fd0e-11b5-4b7a-9d6f-3b0cf5a0d9a4.jpg",
      segments: [
        {
          class: "object",
          label: "Object 1",
          confidence: 0.96,
          mask: discMask,
          area: discArea,
          bbox: [12, 12, 24, 24],
        },
      ],
      ai_description: "One object in the middle of the picture, light grey.",
      ai_description_source: "local",
      technical_summary: "1 segment, 19 % of the picture.",
      processing_time: 1.8,
      model_used: "nano",
      confidence_score: 0.96,
    },
  },
  demoFile: { parameters: { file_name: "7b0c5a52-6d0a-4f0e-a7a6-2f1d7c0f6a11.png" } },
};
