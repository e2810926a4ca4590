import {
  type CacheStore,
  createMemoryCacheStore,
  type ImageFormat,
  type PromptInput,
  SingleFlight,
} from "@maskery/core";
import { problemSchema, problems } from "../../http/problem.js";
import { defineRoute, json } from "../../http/route.js";
import type { StatusOverrides } from "../../http/status-overrides.js";
import type { ModelStatus } from "../../service/model-access.js";
import { remoteHealth } from "../../service/remote-health.js";
import type { Services } from "../../service/services.js";
import type { ApiModule } from "../api-module.js";
import {
  clinicalHealthSchema,
  segmentationRequestSchema,
  segmentationResponseSchema,
} from "./clinical-schemas.js";
import { type FileResolver, isSingleFrame, readImageData } from "./read-image-data.js";
import { ResultMemory } from "./result-memory.js";
import { type SegmentedSlice, segmentSlice } from "./segment-slice.js";

export interface ClinicalOptions {
  /** Where masks are remembered. Default: 64 MiB of memory. It stays the caller's. */
  readonly cache?: CacheStore;
  /** Milliseconds that a mask is remembered. Default 24 hours, as documented. */
  readonly cacheLifetimeMs?: number;
  /** Finds a file by the reference that a request gives as `image_data`. Default: a key in the uploads store. */
  readonly resolveFile?: FileResolver;
  /** What to ask the model for, by picture and context. Default: the main object, found by automatic masks. */
  readonly promptFor?: (picture: {
    readonly width: number;
    readonly height: number;
    readonly imageType: "L3" | "middle";
  }) => PromptInput;
}

const formats: readonly ImageFormat[] = ["png", "jpeg", "dicom"];
const tag = "clinical";
const DAY_MS = 24 * 60 * 60 * 1000;
const CACHE_BYTES = 64 * 1024 * 1024;

/** The document knows 400 for what was sent, 503 for what went wrong inside, and a timeout. */
const statusOverrides: StatusOverrides = {
  UNSUPPORTED_FORMAT: 400,
  INFERENCE_FAILED: 503,
  UPSTREAM_FAILED: 503,
  MODEL_NOT_FOUND: 503,
  STORAGE_FAILED: 503,
};

/** Milliseconds after which the log says that the model is away. */
const START_PATIENCE_MS = 15_000;

/** Automatic segmentation of slices, remembered for a day: `clinical.md`. Without a model, annotation goes on by hand. */
export function clinicalApi(options: ClinicalOptions & { readonly prefix?: string } = {}): ApiModule {
  const memory = new ResultMemory(
    options.cache ?? createMemoryCacheStore({ maxBytes: CACHE_BYTES }),
    options.cacheLifetimeMs ?? DAY_MS,
  );

  const flights = new SingleFlight<SegmentedSlice>();

  const segment = defineRoute(
    {
      method: "POST",
      path: "/api/segmentation/sam2",
      operationId: "clinicalSegment",
      summary: "Segment a slice automatically",
      tag,
      timeoutMs: 30_000,
      statusOverrides,
      body: {
        kind: "json",
        schema: segmentationRequestSchema,
        confidential: true,
        // Base64 makes four of three bytes.
        maxBytes: 72 * 1024 * 1024,
      },
      responses: {
        200: { description: "The mask.", schema: segmentationResponseSchema },
        ...problems(400, 413),
        503: {
          description: "The model failed or cannot be reached; annotate by hand.",
          schema: problemSchema,
        },
        ...problems(504),
      },
    },
    async ({ body, services, signal }) => {
      const startedAt = performance.now();
      const image = await readImageData(body.image_data, formats, services, options.resolveFile, { signal });
      const { image_type: imageType, patient_id: patientId, slice_index: sliceIndex } = body;
      const key = memory.keyOf({ image, imageType, patientId, sliceIndex });
      const known = await memory.get(key, services);
      // Slices that come as pictures of their own keep their number within the series: it names no frame of theirs.
      const slice = { imageType, frame: isSingleFrame(image) ? 0 : (sliceIndex ?? 0) };
      const result =
        known ??
        // The same slice sent twice at once is one run.
        (await flights.run(
          key,
          (shared) =>
            services.slots.run(
              () => segmentSlice(image, slice, services, options.promptFor, { signal: shared }),
              { signal: shared },
            ),
          { signal },
        ));
      if (!known) await memory.set(key, result, services);
      return json({
        mask_data: result.mask,
        confidence_score: result.confidence,
        processing_time_ms: Math.round(performance.now() - startedAt),
        ...(result.box && { bounding_box: result.box }),
        ...(result.orientation && { orientation: result.orientation }),
        cached: known !== undefined,
        image_type: body.image_type,
        patient_id: body.patient_id,
        ...(body.slice_index !== undefined && { slice_index: body.slice_index }),
      });
    },
  );

  const health = defineRoute(
    {
      method: "GET",
      path: "/api/segmentation/health",
      operationId: "clinicalHealth",
      summary: "Whether automatic segmentation can be had",
      tag,
      timeoutMs: 30_000,
      responses: { 200: { description: "The mode.", schema: clinicalHealthSchema } },
    },
    async ({ services, signal }) => {
      const model = await automaticStatus(services, signal);
      const supported = { supported_formats: formats.map((format) => format.toUpperCase()) };
      return json(
        model.available
          ? { status: "healthy", mode: "automatic", model: model.model, device: model.device, ...supported }
          : { status: "degraded", mode: "manual-only", reason: model.reason, ...supported },
      );
    },
  );

  return {
    name: "clinical",
    title: "Clinical image segmentation",
    routes: [segment, health],
    start(services) {
      services.inBackground("model check", async ({ signal }) => {
        const model = await automaticStatus(services, signal, START_PATIENCE_MS);
        if (model.available)
          services.logger.info(
            { model: model.model, device: model.device },
            "Automatic segmentation is available.",
          );
        else
          services.logger.warn(
            { reason: model.reason },
            "The model cannot be reached: manual-only annotation until it can.",
          );
      });
    },
  };
}

/** The model is there, and so is the remote encoder where one is configured, or this machine in its place. */
async function automaticStatus(
  services: Services,
  signal: AbortSignal,
  patienceMs?: number,
): Promise<ModelStatus> {
  const model = await services.model.status({ signal, ...(patienceMs !== undefined && { patienceMs }) });
  const remote = model.available ? await remoteHealth(services, signal) : undefined;
  if (!remote || remote.status === "healthy" || remote.encoder === "local") return model;
  return { available: false, reason: remote.reason ?? remote.status };
}
