import type { OperationExamples } from "../operation-example.js";
import { clinicalExamples } from "./clinical.js";
import { demoExamples } from "./demo.js";
import { painterExamples } from "./painter.js";

/** Examples by operation. */
export const operationExamples: OperationExamples = {
  ...demoExamples,
  ...painterExamples,
  ...clinicalExamples,
  apiDocumentation: {
    response: {
      name: "Maskery",
      version: "1",
      documentation: { openapi: "/openapi.json", docs: "/docs", redoc: "/redoc" },
      endpoints: [
        {
          method: "POST",
          path: "/upload",
          operation_id: "painterUpload",
          summary: "Upload an image and create a session",
          tag: "painter",
        },
      ],
    },
  },
};
