import type { z } from "zod";
import type {
  clinicalHealthSchema,
  segmentationRequestSchema,
  segmentationResponseSchema,
} from "../apis/clinical/clinical-schemas.js";
import type {
  demoSessionSchema,
  resultsSchema,
  segmentSchema,
  startedTaskSchema,
  taskStatusSchema,
  uploadedFileSchema,
} from "../apis/demo/demo-schemas.js";
import type {
  generateAdvancedRequestSchema,
  generateRequestSchema,
} from "../apis/painter/generate-requests.js";
import type {
  cacheStatusSchema,
  downloadAnswerSchema,
  downloadsAnswerSchema,
  embeddingAnswerSchema,
  generatedAnswerSchema,
  healthSchema,
  instantAnswerSchema,
  maskAnswerSchema,
  maskSchema,
  masksAnswerSchema,
  messageSchema,
  paintAnswerSchema,
  segmentAnswerSchema,
  sessionAnswerSchema,
  uploadAnswerSchema,
} from "../apis/painter/painter-answers.js";
import type {
  combineRequestSchema,
  downloadPaintedRequestSchema,
  downloadRequestSchema,
  instantRequestSchema,
  paintManyRequestSchema,
  paintRequestSchema,
  pointRequestSchema,
  segmentRequestSchema,
  sessionRequestSchema,
} from "../apis/painter/painter-requests.js";
import type { combineAnswerSchema } from "../apis/painter/routes/combine.js";
import type { endpointListSchema } from "../openapi/documentation-routes.js";

// Types only: the schemas check on the server, and no part of them is loaded by a client.

export type ServerDocumentation = z.output<typeof endpointListSchema>;

export type DemoSession = z.output<typeof demoSessionSchema>;
export type DemoFile = z.output<typeof uploadedFileSchema>;
export type DemoTask = z.output<typeof startedTaskSchema>;
export type DemoStatus = z.output<typeof taskStatusSchema>;
export type DemoSegment = z.output<typeof segmentSchema>;
export type DemoResults = z.output<typeof resultsSchema>;

export type PainterMask = z.output<typeof maskSchema>;
export type PainterUpload = z.output<typeof uploadAnswerSchema>;
export type PainterMasks = z.output<typeof masksAnswerSchema>;
export type PainterGeneratedMasks = z.output<typeof generatedAnswerSchema>;
export type PainterSegment = z.output<typeof segmentAnswerSchema>;
export type PainterMaskAtPoint = z.output<typeof maskAnswerSchema>;
export type PainterInstantMask = z.output<typeof instantAnswerSchema>;
export type PainterEmbedding = z.output<typeof embeddingAnswerSchema>;
export type PainterPicture = z.output<typeof paintAnswerSchema>;
export type PainterDownload = z.output<typeof downloadAnswerSchema>;
export type PainterDownloads = z.output<typeof downloadsAnswerSchema>;
export type PainterSession = z.output<typeof sessionAnswerSchema>;
export type PainterMessage = z.output<typeof messageSchema>;
export type PainterCacheStatus = z.output<typeof cacheStatusSchema>;
export type PainterHealth = z.output<typeof healthSchema>;
export type PainterCombinedMask = z.output<typeof combineAnswerSchema>;

export type PainterSegmentRequest = z.input<typeof segmentRequestSchema>;
export type PainterGenerateRequest = z.input<typeof generateRequestSchema>;
export type PainterGenerateAdvancedRequest = z.input<typeof generateAdvancedRequestSchema>;
export type PainterSessionRequest = z.input<typeof sessionRequestSchema>;
export type PainterPointRequest = z.input<typeof pointRequestSchema>;
export type PainterInstantRequest = z.input<typeof instantRequestSchema>;
export type PainterCombineRequest = z.input<typeof combineRequestSchema>;
export type PainterPaintRequest = z.input<typeof paintRequestSchema>;
export type PainterPaintManyRequest = z.input<typeof paintManyRequestSchema>;
export type PainterDownloadRequest = z.input<typeof downloadRequestSchema>;
export type PainterDownloadPaintedRequest = z.input<typeof downloadPaintedRequestSchema>;

export type ClinicalRequest = z.input<typeof segmentationRequestSchema>;
export type ClinicalResponse = z.output<typeof segmentationResponseSchema>;
export type ClinicalHealth = z.output<typeof clinicalHealthSchema>;
