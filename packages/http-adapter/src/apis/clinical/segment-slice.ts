import { type CallOptions, MaskeryError } from "@maskery/core";
import { findMainMask } from "../../service/main-mask.js";
import type { Services } from "../../service/services.js";
import type { ClinicalOptions } from "./clinical-api.js";
import type { Remembered } from "./clinical-schemas.js";

/** Which part of a file is asked about, and what for. */
export interface Slice {
  readonly imageType: "L3" | "middle";
  /** From 0. */
  readonly frame: number;
}

/** Runs the model on one slice. */
export async function segmentSlice(
  bytes: Uint8Array,
  slice: Slice,
  services: Services,
  promptFor: ClinicalOptions["promptFor"],
  { signal }: CallOptions,
): Promise<Omit<Remembered, "createdAt">> {
  try {
    return await run(bytes, slice, services, promptFor, signal);
  } catch (error) {
    // Whatever a model, or the service behind it, throws: the document knows it as a failure of processing.
    if (MaskeryError.is(error)) throw error;
    throw new MaskeryError("INFERENCE_FAILED", "The model failed on this slice.", { cause: error });
  }
}

async function run(
  bytes: Uint8Array,
  { imageType, frame }: Slice,
  services: Services,
  promptFor: ClinicalOptions["promptFor"],
  signal: AbortSignal | undefined,
): Promise<Omit<Remembered, "createdAt">> {
  const segmenter = await services.model.get({ signal });
  const { maxFileBytes, maxPixels } = services.limits;
  const reading = {
    signal,
    limits: { maxBytes: maxFileBytes, maxPixels },
    ...(frame > 0 && { frame }),
  };
  const picture = await segmenter.platform.codec.decode(bytes, reading);
  const { patientOrientation } = await segmenter.platform.codec.probe(bytes, reading);
  const session = await segmenter.open(picture, { signal });
  try {
    const found = promptFor
      ? await askFor(promptFor({ width: picture.width, height: picture.height, imageType }))
      : await findMainMask(session, { signal });
    const png = await found.mask.with({ output: segmenter.platform }).toPng({ signal });
    return {
      mask: Buffer.from(png.buffer, png.byteOffset, png.byteLength).toString("base64"),
      confidence: found.confidence,
      model: segmenter.model,
      ...(!found.mask.isEmpty && { box: found.mask.bbox }),
      ...(patientOrientation && { orientation: [...patientOrientation] }),
    };
  } finally {
    await session.dispose();
  }

  async function askFor(prompt: Parameters<typeof session.segmentMany>[0][number]) {
    const [result] = await session.segmentMany([prompt], { signal });
    const mask = result!.best;
    return { mask, confidence: Math.min(1, Math.max(0, mask.score ?? 0)) };
  }
}
