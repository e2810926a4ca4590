import { z } from "zod";
import { fromFloat16Bits, toFloat16Bits } from "../../backend/float16.js";
import { invalidInput } from "../../errors.js";
import type { LogitsPlane } from "../../mask/logits-plane.js";
import type { EmbeddingPrecision } from "../embedding-format.js";

const sideSchema = z.number().int().positive();
const placeSchema = z.number().int().nonnegative();

/** A plane of logits in a message: its frame as JSON, its numbers in a section. */
export const planeSchema = z.object({
  width: sideSchema,
  height: sideSchema,
  scaleX: z.number().positive(),
  scaleY: z.number().positive(),
  window: z.object({ x: placeSchema, y: placeSchema, width: sideSchema, height: sideSchema }).optional(),
  stored: z.enum(["float16", "float32"]),
  section: placeSchema,
});

export type PlaneEntry = z.infer<typeof planeSchema>;

/** Adds the plane's numbers to `sections`. @returns What says how to read them. */
export function writePlane(
  { data, width, height, scaleX, scaleY, window }: LogitsPlane,
  stored: EmbeddingPrecision,
  sections: Uint8Array[],
): PlaneEntry {
  sections.push(bytesOf(stored === "float16" ? toFloat16Bits(data) : data));
  const section = sections.length - 1;
  return { width, height, scaleX, scaleY, ...(window && { window: { ...window } }), stored, section };
}

/** @throws MaskeryError `INVALID_INPUT` when the section is not there, or not of the plane's size. */
export function readPlane(
  { stored, section, ...frame }: PlaneEntry,
  sections: readonly Uint8Array[],
  field: string,
): LogitsPlane {
  const bytes = sections[section];
  const expected = frame.width * frame.height * (stored === "float16" ? 2 : 4);
  if (bytes?.byteLength !== expected) {
    throw invalidInput(field, `${expected} bytes of logits`, bytes?.byteLength ?? "no such section");
  }
  const copy = copyOf(bytes);
  return {
    ...frame,
    data: stored === "float16" ? fromFloat16Bits(new Uint16Array(copy)) : new Float32Array(copy),
  };
}

export function bytesOf(array: Uint16Array | Uint32Array | Float32Array): Uint8Array {
  return new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
}

/** A buffer of its own: aligned for every typed array, and free of the message. */
export function copyOf(bytes: Uint8Array): ArrayBuffer {
  const copy = new Uint8Array(bytes.byteLength);
  copy.set(bytes);
  return copy.buffer;
}
