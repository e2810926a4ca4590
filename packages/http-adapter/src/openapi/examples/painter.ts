import type { OperationExamples } from "../operation-example.js";
import { discArea, discMask, discPicture } from "./pictures.js";

const sessionId = "3f0c8f6e-2f1e-4c57-9d0c-0d8f3c1b2a4e";
const imageHash = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";
const filename = "image-5b2d0c1e-0d6a-4c6e-9d0f-7d3d1f0a9b2c-1f2e3d4c.png";
const onSession = { parameters: { session_id: sessionId } };

const mask = { mask_id: 0, mask: discMask, score: 0.96, bbox: [12, 12, 36, 36], area: discArea };
const masks = {
  session_id: sessionId,
  masks: [{ ...mask, stability_score: 0.98 }],
  total_masks: 1,
  image_hash: imageHash,
  cached: false,
  processing_time: 0.21,
};
const generated = { ...masks, thresholds: { pred_iou_thresh: 0.5, stability_score_thresh: 0.7 } };
const picture = { session_id: sessionId, image: discPicture, format: "PNG", width: 48, height: 48 };
const download = {
  session_id: sessionId,
  image_url: `/download-file/${filename}`,
  filename,
  format: "PNG",
  size_bytes: 203,
};
const cacheStatus = {
  total_sessions: 10,
  sessions_with_cache: 3,
  total_cached_masks: 150,
  total_cached_embeddings: 3,
};

/** Requests that the routes themselves show are not repeated here. */
export const painterExamples: OperationExamples = {
  painterUpload: {
    request: { file: "building.png" },
    response: {
      session_id: sessionId,
      filename: "building.png",
      width: 1920,
      height: 1080,
      file_size: 2457600,
      image_hash: imageHash,
      created_at: "2026-01-01T12:00:00",
      expires_at: "2026-01-01T13:00:00",
    },
  },
  painterSegment: { response: { ...masks, masks: [mask], best_mask_id: 0 } },
  painterGenerateMasks: { response: generated },
  painterGenerateMasksAdvanced: { response: generated },
  painterGenerateMasksCached: { response: { ...generated, cached: true } },
  painterCombineMasks: { response: { session_id: sessionId, ...mask, mask_id: 2, combined: 2 } },
  painterPaintMask: { response: picture },
  painterPaintMasks: { response: picture },
  painterDownloadImage: { response: download },
  painterDownloadPaintedImage: { response: download },
  painterDownloadFile: { parameters: { filename } },
  painterListDownloads: {
    response: {
      downloads: [
        {
          filename,
          size_bytes: 203,
          format: "PNG",
          created_at: "2026-01-01T12:00:05",
          download_url: `/download-file/${filename}`,
        },
      ],
      total: 1,
    },
  },
  painterSession: {
    parameters: { session_id: sessionId, include: "image_data" },
    response: {
      session_id: sessionId,
      file_path: "uploads/painter/7b0c5a52-6d0a-4f0e-a7a6-2f1d7c0f6a11.png",
      filename: "building.png",
      width: 48,
      height: 48,
      created_at: "2026-01-01T12:00:00",
      expires_at: "2026-01-01T13:00:00",
      image_hash: imageHash,
      stored_masks: { "0": { mask: discMask, score: 0.96, bbox: [12, 12, 36, 36] } },
      image_data: discPicture,
      embedding_cache: null,
    },
  },
  painterDeleteSession: { ...onSession, response: { message: "Session deleted" } },
  painterGetEmbedding: {
    response: {
      session_id: sessionId,
      image_hash: imageHash,
      embedding: "TUtFTQ==",
      model: "nano",
      cached: false,
    },
  },
  painterMaskAtPointInstant: { response: { session_id: sessionId, found: true, ...mask, cached: true } },
  painterMaskAtPoint: {
    response: { session_id: sessionId, ...mask, cached: false, processing_time: 0.19 },
  },
  painterCacheStatus: { response: cacheStatus },
  painterClearCache: { response: { message: "Cache cleared" } },
  health: {
    response: {
      status: "healthy",
      modal_status: { status: "healthy", model: "nano", device: "cpu" },
      timestamp: "2026-01-01T12:00:00",
      sessions_count: 10,
      cache_status: cacheStatus,
    },
  },
};
