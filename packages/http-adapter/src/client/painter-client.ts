import type { RequestOptions, Transport } from "./transport.js";
import { type UploadFile, type UploadOptions, uploadBody } from "./upload-body.js";
import type {
  PainterCacheStatus,
  PainterCombinedMask,
  PainterCombineRequest,
  PainterDownload,
  PainterDownloadPaintedRequest,
  PainterDownloadRequest,
  PainterDownloads,
  PainterEmbedding,
  PainterGenerateAdvancedRequest,
  PainterGeneratedMasks,
  PainterGenerateRequest,
  PainterHealth,
  PainterInstantMask,
  PainterInstantRequest,
  PainterMaskAtPoint,
  PainterMessage,
  PainterPaintManyRequest,
  PainterPaintRequest,
  PainterPicture,
  PainterPointRequest,
  PainterSegment,
  PainterSegmentRequest,
  PainterSession,
  PainterSessionRequest,
  PainterUpload,
} from "./wire-types.js";

/** Milliseconds: what the server gives each kind of work, and a little for the way. */
const timeouts = {
  upload: 65_000,
  segment: 65_000,
  generate: 125_000,
  paint: 65_000,
  other: 35_000,
} as const;

/** Upload, masks, paint and downloads within sessions. All methods throw `MaskeryError` with the server's code. */
export class PainterClient {
  readonly #transport: Transport;
  readonly #origin: string;

  constructor(transport: Transport, baseUrl: string) {
    this.#transport = transport;
    this.#origin = new URL(baseUrl).origin;
  }

  /** `POST /upload`: JPG, PNG, BMP or TIFF; begins a session. */
  upload(file: UploadFile, options: RequestOptions & UploadOptions = {}): Promise<PainterUpload> {
    return this.#transport.json(
      {
        method: "POST",
        path: "/upload",
        ...uploadBody(file, options),
        defaultTimeoutMs: timeouts.upload,
      },
      options,
    );
  }

  /** `POST /segment`: masks for points, boxes or an earlier mask, best first. */
  segment(request: PainterSegmentRequest, options?: RequestOptions): Promise<PainterSegment> {
    return this.#post("/segment", request, timeouts.segment, options);
  }

  /** `POST /generate-masks`: everything in the picture. */
  generateMasks(request: PainterGenerateRequest, options?: RequestOptions): Promise<PainterGeneratedMasks> {
    return this.#post("/generate-masks", request, timeouts.generate, options);
  }

  /** `POST /generate-masks-advanced`: the same with every parameter. */
  generateMasksAdvanced(
    request: PainterGenerateAdvancedRequest,
    options?: RequestOptions,
  ): Promise<PainterGeneratedMasks> {
    return this.#post("/generate-masks-advanced", request, timeouts.generate, options);
  }

  /** `POST /generate-masks-cached`. */
  generateMasksCached(
    request: PainterGenerateAdvancedRequest,
    options?: RequestOptions,
  ): Promise<PainterGeneratedMasks> {
    return this.#post("/generate-masks-cached", request, timeouts.generate, options);
  }

  /** `POST /get-mask-at-point-instant`: chooses among known masks; no model runs. */
  maskAtPointInstant(request: PainterInstantRequest, options?: RequestOptions): Promise<PainterInstantMask> {
    return this.#post("/get-mask-at-point-instant", request, timeouts.other, options);
  }

  /** `POST /generate-mask-at-point-cached`: one click. */
  maskAtPoint(request: PainterPointRequest, options?: RequestOptions): Promise<PainterMaskAtPoint> {
    return this.#post("/generate-mask-at-point-cached", request, timeouts.segment, options);
  }

  /** `POST /combine-masks`. */
  combineMasks(request: PainterCombineRequest, options?: RequestOptions): Promise<PainterCombinedMask> {
    return this.#post("/combine-masks", request, timeouts.paint, options);
  }

  /** `POST /paint-mask`. */
  paintMask(request: PainterPaintRequest, options?: RequestOptions): Promise<PainterPicture> {
    return this.#post("/paint-mask", request, timeouts.paint, options);
  }

  /** `POST /paint-multiple-masks`. */
  paintMasks(request: PainterPaintManyRequest, options?: RequestOptions): Promise<PainterPicture> {
    return this.#post("/paint-multiple-masks", request, timeouts.paint, options);
  }

  /** `POST /get-embedding`. */
  embedding(request: PainterSessionRequest, options?: RequestOptions): Promise<PainterEmbedding> {
    return this.#post("/get-embedding", request, timeouts.segment, options);
  }

  /** `POST /download-image`: makes a file of the picture; `fetchFile` gets it. */
  downloadImage(request: PainterDownloadRequest, options?: RequestOptions): Promise<PainterDownload> {
    return this.#post("/download-image", request, timeouts.other, options);
  }

  /** `POST /download-painted-image`. */
  downloadPaintedImage(
    request: PainterDownloadPaintedRequest,
    options?: RequestOptions,
  ): Promise<PainterDownload> {
    return this.#post("/download-painted-image", request, timeouts.other, options);
  }

  /** `GET /download-file/{filename}`: the file itself. */
  fetchFile(filename: string, options?: RequestOptions): Promise<Blob> {
    return this.#transport.blob(
      {
        method: "GET",
        path: `/download-file/${encodeURIComponent(filename)}`,
        defaultTimeoutMs: timeouts.other,
      },
      options,
    );
  }

  /** Address of an `image_url` or `download_url`, for links and `<img>`. */
  fileUrl(path: string): string {
    return new URL(path, this.#origin).href;
  }

  /** `GET /list-downloads`. */
  listDownloads(options?: RequestOptions): Promise<PainterDownloads> {
    return this.#get("/list-downloads", options);
  }

  /** `GET /session/{session_id}`. @param options.include - What comes along: default the picture, and an embedding that was asked for. */
  session(
    sessionId: string,
    options: RequestOptions & { readonly include?: readonly ("image_data" | "embedding_cache")[] } = {},
  ): Promise<PainterSession> {
    const query = options.include ? `?include=${options.include.join(",")}` : "";
    return this.#get(`/session/${encodeURIComponent(sessionId)}${query}`, options);
  }

  /** `DELETE /session/{session_id}`: the session and its files. */
  deleteSession(sessionId: string, options?: RequestOptions): Promise<PainterMessage> {
    return this.#transport.json(
      {
        method: "DELETE",
        path: `/session/${encodeURIComponent(sessionId)}`,
        defaultTimeoutMs: timeouts.other,
      },
      options,
    );
  }

  /** `GET /cache-status`. */
  cacheStatus(options?: RequestOptions): Promise<PainterCacheStatus> {
    return this.#get("/cache-status", options);
  }

  /** `POST /clear-cache`. */
  clearCache(options?: RequestOptions): Promise<PainterMessage> {
    return this.#transport.json(
      { method: "POST", path: "/clear-cache", defaultTimeoutMs: timeouts.other },
      options,
    );
  }

  /** `GET /health`. */
  health(options?: RequestOptions): Promise<PainterHealth> {
    return this.#get("/health", options);
  }

  #post<T>(path: string, json: unknown, defaultTimeoutMs: number, options?: RequestOptions): Promise<T> {
    return this.#transport.json({ method: "POST", path, json, defaultTimeoutMs }, options);
  }

  #get<T>(path: string, options?: RequestOptions): Promise<T> {
    return this.#transport.json({ method: "GET", path, defaultTimeoutMs: timeouts.other }, options);
  }
}
