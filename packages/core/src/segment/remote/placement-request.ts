import { invalidInput, MaskeryError } from "../../errors.js";
import type { EmbeddingPrecision } from "../embedding-format.js";
import { MODEL_HEADER, PLACEMENT_PROTOCOL_VERSION, PRECISION_HEADER, PROTOCOL_HEADER } from "./protocol.js";

/** Longer texts from outside are cut in messages. */
const MOST_ECHOED = 2000;

/** Version and model, before anything is read. A request that names neither is taken. */
export function checkPlacementRequest({ headers }: Request, fingerprint: string): void {
  const version = headers.get(PROTOCOL_HEADER);
  if (version !== null && version !== String(PLACEMENT_PROTOCOL_VERSION))
    throw invalidInput(PROTOCOL_HEADER, String(PLACEMENT_PROTOCOL_VERSION), version);
  const stated = headers.get(MODEL_HEADER);
  if (stated === null || stated === encodeURIComponent(fingerprint)) return;
  throw otherModel(fingerprint, decoded(stated));
}

/** A `CONFLICT` that names both models. */
export function otherModel(served: string, wanted: string): MaskeryError {
  return new MaskeryError(
    "CONFLICT",
    `model: expected the fingerprint of the model that is served, ${served}, received ${wanted.slice(0, MOST_ECHOED)}`,
    { field: "modelFingerprint" },
  );
}

/** @throws MaskeryError `UNSUPPORTED_FORMAT`. */
export function requireMediaType(request: Request, expected: string): void {
  const mediaType = mediaTypeOf(request);
  if (mediaType !== expected) throw unsupportedMediaType(expected, mediaType);
}

export function unsupportedMediaType(expected: string, received: string): MaskeryError {
  return new MaskeryError(
    "UNSUPPORTED_FORMAT",
    `content-type: expected ${expected}, received ${JSON.stringify(received)}`,
    { field: "content-type" },
  );
}

export function mediaTypeOf({ headers }: Request): string {
  return (headers.get("content-type") ?? "").split(";")[0]!.trim().toLowerCase().slice(0, 100);
}

/** How numbers of the answer are to be stored. */
export function precisionOf({ headers }: Request): EmbeddingPrecision {
  const stated = headers.get(PRECISION_HEADER) ?? "float32";
  if (stated === "float32" || stated === "float16") return stated;
  throw invalidInput(PRECISION_HEADER, '"float32" or "float16"', stated);
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
