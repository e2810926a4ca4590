import { z } from "zod";
import type { DecodedObject } from "../../model/layout.js";
import { schemaError } from "../../schema-error.js";
import type { EmbeddingPrecision } from "../embedding-format.js";
import { readBinaryMessage, writeBinaryMessage } from "./binary-message.js";
import { planeSchema, readPlane, writePlane } from "./plane-section.js";

const KIND = "planes";

const contentSchema = z.object({
  modelFingerprint: z.string(),
  objects: z.array(
    z.object({
      planes: z.array(planeSchema),
      /** JSON knows no NaN and no infinity. */
      scores: z.array(z.number().nullable()),
    }),
  ),
});

/** A decoder's answer: for each prompt its planes, in the model's order, and their scores. */
export interface PlanesMessage {
  readonly modelFingerprint: string;
  readonly objects: readonly DecodedObject[];
}

export function writePlanes(
  { modelFingerprint, objects }: PlanesMessage,
  precision: EmbeddingPrecision,
): Uint8Array<ArrayBuffer> {
  const sections: Uint8Array[] = [];
  const entries = objects.map(({ planes, scores }) => ({
    planes: planes.map((plane) => writePlane(plane, precision, sections)),
    scores: [...scores],
  }));
  return writeBinaryMessage({ kind: KIND, content: { modelFingerprint, objects: entries }, sections });
}

/** @throws MaskeryError `INVALID_INPUT` naming the member at fault. */
export function readPlanes(bytes: Uint8Array): PlanesMessage {
  const { content, sections } = readBinaryMessage(bytes, KIND, "planes");
  const parsed = contentSchema.safeParse(content);
  if (!parsed.success) throw schemaError(parsed.error, content, "planes");
  const { modelFingerprint, objects } = parsed.data;
  return {
    modelFingerprint,
    objects: objects.map(({ planes, scores }, object) => ({
      planes: planes.map((plane, index) =>
        readPlane(plane, sections, `planes.objects[${object}].planes[${index}]`),
      ),
      scores: scores.map((score) => score ?? Number.NaN),
    })),
  };
}
