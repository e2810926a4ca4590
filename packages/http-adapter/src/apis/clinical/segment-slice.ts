import {
  type CallOptions,
  MaskeryError,
  type MaskeryErrorCode,
  type PromptInput,
  type RgbaImage,
  type Segmenter,
} from "@maskery/core";
import { findMainMask } from "../../service/main-mask.js";
import { withRequestFields } from "../../service/request-fields.js";
import type { Services } from "../../service/services.js";
import type { ClinicalOptions } from "./clinical-api.js";
import type { Remembered } from "./clinical-schemas.js";
import { modelName } from "./result-memory.js";

/** Which part of a file is asked about, and what for. */
export interface Slice {
  readonly imageType: "L3" | "middle";
  /** From 0. */
  readonly frame: number;
}

export type SegmentedSlice = Omit<Remembered, "createdAt">;

/** What the client is told as it is: the work was stopped, cannot begin, or is too much. All else is a failure of processing. */
const toldAsTheyAre: readonly MaskeryErrorCode[] = [
  "ABORTED",
  "TIMEOUT",
  "OVERLOADED",
  "DISPOSED",
  "MODEL_UNAVAILABLE",
  "MODEL_CORRUPT",
  "MODEL_NOT_FOUND",
  "DEVICE_UNAVAILABLE",
  "OUT_OF_MEMORY",
  "UPSTREAM_FAILED",
];

/**
 * Runs the model on one slice.
 * @throws MaskeryError what the codec says of the picture; `INFERENCE_FAILED` for whatever the model, or the service behind it,
 * throws: that another server refused us is no fault of the client's.
 */
export async function segmentSlice(
  bytes: Uint8Array,
  { imageType, frame }: Slice,
  services: Services,
  promptFor: ClinicalOptions["promptFor"],
  { signal }: CallOptions,
): Promise<SegmentedSlice> {
  const segmenter = await services.model.get({ signal });
  const { codec } = segmenter.platform;
  const { maxFileBytes, maxPixels } = services.limits;
  const reading = {
    signal,
    limits: { maxBytes: maxFileBytes, maxPixels },
    ...(frame > 0 && { frame }),
  };
  const picture = await withRequestFields(requestField, () => codec.decode(bytes, reading));
  const { patientOrientation } = await codec.probe(bytes, reading);
  try {
    return {
      ...(await findMask(picture, imageType, segmenter, promptFor, signal)),
      model: modelName(segmenter),
      ...(patientOrientation && { orientation: [...patientOrientation] }),
    };
  } catch (error) {
    if (MaskeryError.is(error) && toldAsTheyAre.includes(error.code)) throw error;
    throw new MaskeryError("INFERENCE_FAILED", "The model failed on this slice.", { cause: error });
  }
}

/** What the codec calls its inputs, as the request does. */
function requestField(codecField: string): string | undefined {
  return { image: "image_data", frame: "slice_index" }[codecField];
}

async function findMask(
  picture: RgbaImage,
  imageType: Slice["imageType"],
  segmenter: Segmenter,
  promptFor: ClinicalOptions["promptFor"],
  signal: AbortSignal | undefined,
): Promise<Pick<SegmentedSlice, "mask" | "confidence" | "box">> {
  const session = await segmenter.open(picture, { signal });
  try {
    const found = promptFor
      ? await askFor(promptFor({ width: picture.width, height: picture.height, imageType }))
      : await findMainMask(session, { signal });
    const png = await found.mask.with({ output: segmenter.platform }).toPng({ signal });
    return {
      mask: Buffer.from(png.buffer, png.byteOffset, png.byteLength).toString("base64"),
      confidence: found.confidence,
      ...(!found.mask.isEmpty && { box: found.mask.bbox }),
    };
  } finally {
    await session.dispose();
  }

  async function askFor(prompt: PromptInput) {
    const [result] = await session.segmentMany([prompt], { signal });
    const mask = result!.best;
    return { mask, confidence: Math.min(1, Math.max(0, mask.score ?? 0)) };
  }
}
