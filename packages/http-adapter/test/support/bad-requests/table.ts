import { PROMPTS_MEDIA_TYPE } from "@maskery/core";
import { bareRow } from "./bare-row.js";
import { binaryRow } from "./binary-row.js";
import { formRow } from "./form-row.js";
import { jsonRow } from "./json-row.js";
import type { Row } from "./row.js";

const noSession = { none: "it knows no sessions" } as const;
const everything = { none: "it is about the whole server" } as const;
const byName = {
  none: "its names are random and tell nothing of a session; an ended session's file goes with it",
} as const;

const at = {
  right: { points: [{ x: 5, y: 5, label: 1 }] },
  session: "painter",
  carriesPictures: true,
} as const;
const paint = { mask_id: 0, color: "#FF0000" } as const;
const paintWrong: readonly (readonly [Record<string, unknown>, string])[] = [
  [{ color: 17 }, "color"],
  [{ opacity: 2 }, "opacity"],
  [{ mask_id: -1 }, "mask_id"],
  [{ mask_id: 1.5 }, "mask_id"],
  [{ keep_shading: "yes" }, "keep_shading"],
];
const generate = { right: { points_per_side: 2 }, session: "painter" } as const;
const generateWrong: readonly (readonly [Record<string, unknown>, string])[] = [
  [{ points_per_side: 0 }, "points_per_side"],
  [{ points_per_side: "many" }, "points_per_side"],
  [{ points_per_side: 1.5 }, "points_per_side"],
  [{ pred_iou_thresh: 88 }, "pred_iou_thresh"],
];
const pointWrong: readonly (readonly [Record<string, unknown>, string])[] = [
  [{ point: [5] }, "point"],
  [{ point: ["5", 5] }, "point[0]"],
  [{ point: [5, 4800] }, "point[1]"],
  [{ point: [-1, 5] }, "point[0]"],
];

/** Every operation of the API, each with an answer to every kind of bad request. `picture` is a small JPEG. */
export const badRequests = (picture: () => Uint8Array): Readonly<Record<string, Row>> => ({
  createDemoSession: jsonRow("/api/demo-sessions", {
    right: { demo_type: "image_segmentation" },
    session: { none: "it begins one" },
    wrong: [[{ demo_type: "text_to_speech" }, "demo_type"]],
  }),
  uploadDemoFile: formRow("/api/sessions/{session_id}/upload", { picture, session: "demo" }),
  startDemoSegmentation: jsonRow("/api/image-segmentation", { right: {}, session: "demo" }),
  demoSessionStatus: bareRow("GET", "/api/sessions/{session_id}/status", { session: "demo" }),
  demoSessionResults: bareRow("GET", "/api/sessions/{session_id}/results", { session: "demo", status: 409 }),
  demoFile: bareRow("GET", "/api/files/{file_name}", { session: byName, status: 404, name: "none.png" }),

  painterUpload: formRow("/upload", { picture, session: { none: "it begins one" } }),
  painterSegment: jsonRow("/segment", {
    ...at,
    alsoRequired: ["points"],
    wrong: [
      [{ points: [{ x: "left", y: 5 }] }, "points[0].x"],
      [{ points: [{ x: 5, y: 5, label: 7 }] }, "points[0].label"],
      [{ box: [1, 2, 3] }, "box"],
      [{ boxes: [[1, 2, 3, "4"]] }, "boxes[0][3]"],
      [{ points: [], box: undefined }, "points"],
    ],
  }),
  painterGenerateMasks: jsonRow("/generate-masks", { ...generate, wrong: generateWrong }),
  painterGenerateMasksAdvanced: jsonRow("/generate-masks-advanced", {
    ...generate,
    wrong: [...generateWrong, [{ crop_n_layers: 9 }, "crop_n_layers"], [{ use_m2m: 1 }, "use_m2m"]],
  }),
  painterGenerateMasksCached: jsonRow("/generate-masks-cached", { ...generate, wrong: generateWrong }),
  painterCombineMasks: jsonRow("/combine-masks", {
    right: { mask_ids: [0] },
    session: "painter",
    carriesPictures: true,
    alsoRequired: ["mask_ids"],
    wrong: [
      [{ mask_ids: "all" }, "mask_ids"],
      [{ mask_ids: [] }, "mask_ids"],
      [{ mask_ids: [0, "one"] }, "mask_ids[1]"],
      [{ masks: [5] }, "masks[0]"],
      [{ operation: "divide" }, "operation"],
    ],
  }),
  painterPaintMask: jsonRow("/paint-mask", {
    right: paint,
    session: "painter",
    carriesPictures: true,
    alsoRequired: ["mask_id"],
    wrong: paintWrong,
  }),
  painterPaintMasks: jsonRow("/paint-multiple-masks", {
    right: { masks: [paint] },
    session: "painter",
    carriesPictures: true,
    wrong: [
      [{ masks: [] }, "masks"],
      [{ masks: [paint, { color: "#FF0000" }] }, "masks[1].mask_id"],
      ...paintWrong.map(
        ([members, field]) => [{ masks: [{ ...paint, ...members }] }, `masks[0].${field}`] as const,
      ),
    ],
  }),
  painterDownloadImage: jsonRow("/download-image", {
    right: { format: "PNG" },
    session: "painter",
    wrong: [
      [{ format: "GIF" }, "format"],
      [{ quality: 0 }, "quality"],
      [{ quality: 101 }, "quality"],
    ],
  }),
  painterDownloadPaintedImage: jsonRow("/download-painted-image", {
    right: paint,
    session: "painter",
    carriesPictures: true,
    alsoRequired: ["mask_id"],
    wrong: [...paintWrong, [{ quality: 500 }, "quality"]],
  }),
  painterDownloadFile: bareRow("GET", "/download-file/{filename}", {
    session: byName,
    status: 404,
    name: "none.png",
  }),
  painterListDownloads: bareRow("GET", "/list-downloads", { session: everything }),
  painterSession: bareRow("GET", "/session/{session_id}", { session: "painter" }),
  painterDeleteSession: bareRow("DELETE", "/session/{session_id}", { session: "painter" }),
  health: bareRow("GET", "/health", { session: everything }),
  painterGetEmbedding: jsonRow("/get-embedding", { right: {}, session: "painter" }),
  painterMaskAtPointInstant: jsonRow("/get-mask-at-point-instant", {
    right: { point: [5, 5] },
    session: "painter",
    carriesPictures: true,
    wrong: [...pointWrong, [{ all_masks: [5] }, "all_masks[0]"]],
  }),
  painterMaskAtPoint: jsonRow("/generate-mask-at-point-cached", {
    right: { point: [5, 5] },
    session: "painter",
    wrong: pointWrong,
  }),
  painterCacheStatus: bareRow("GET", "/cache-status", { session: everything }),
  painterClearCache: bareRow("POST", "/clear-cache", { session: everything }),

  clinicalSegment: jsonRow("/api/segmentation/sam2", {
    right: { image_data: "none", image_type: "L3", patient_id: "a patient" },
    session: noSession,
    carriesPictures: true,
    // Its document knows 400 for everything that was sent wrongly.
    otherContentType: 400,
    wrong: [
      [{ image_type: "L4" }, "image_type"],
      [{ image_data: "" }, "image_data"],
      [{ image_data: "no such reference" }, "image_data"],
      [{ image_data: "data:image/png;base64,?" }, "image_data"],
      [{ image_data: Buffer.from("no picture".repeat(20)).toString("base64") }, "image_data"],
      [{ patient_id: "" }, "patient_id"],
      [{ slice_index: -1 }, "slice_index"],
      [{ slice_index: 1.5 }, "slice_index"],
    ],
  }),
  clinicalHealth: bareRow("GET", "/api/segmentation/health", { session: noSession }),

  placementHealth: bareRow("GET", "/placement/health", { session: noSession }),
  placementEncode: binaryRow("/placement/encode", "image/jpeg", 415),
  placementDecode: binaryRow("/placement/decode", PROMPTS_MEDIA_TYPE, 400),

  apiDocumentation: bareRow("GET", "/", { session: everything }),
  openApiDocument: bareRow("GET", "/openapi.json", { session: everything }),
  swaggerUi: bareRow("GET", "/docs", { session: everything }),
  reference: bareRow("GET", "/redoc", { session: everything }),
  documentationFile: bareRow("GET", "/docs-files/{name}", { session: everything, status: 404, name: "none" }),
});
