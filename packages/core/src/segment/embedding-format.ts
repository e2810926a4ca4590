import { z } from "zod";
import { fromFloat16Bits, toFloat16Bits } from "../backend/float16.js";
import type { Platform } from "../backend/platform.js";
import type { Tensor } from "../backend/tensor.js";
import { MaskeryError } from "../errors.js";
import type { Embedding } from "./embedding.js";

/** Media type of an embedding on the wire and on disk. */
export const EMBEDDING_MEDIA_TYPE = "application/vnd.maskery.embedding";

/** Version of the layout below; a reader refuses a newer one. */
export const EMBEDDING_FORMAT_VERSION = 1;

/** Half the size at a small loss, or exact. */
export type EmbeddingPrecision = "float16" | "float32";

/**
 * The layout, little endian: 4 bytes `MSKE`, u16 version, u16 zero, u32 length of the header, the header as UTF-8 JSON
 * padded with spaces so that the payload begins at a multiple of 8, then the tensors one after another, row-major, each
 * padded to a multiple of 8.
 */
const MAGIC = [0x4d, 0x53, 0x4b, 0x45] as const;
const PREFIX_BYTES = 12;
const ALIGNMENT = 8;

const sideSchema = z.number().int().positive();

const headerSchema = z.object({
  modelFingerprint: z.string(),
  imageSize: z.object({ width: sideSchema, height: sideSchema }),
  fit: z.object({
    size: sideSchema,
    resizedWidth: sideSchema,
    resizedHeight: sideSchema,
    scaleX: z.number().positive(),
    scaleY: z.number().positive(),
  }),
  tensors: z.array(
    z.object({
      name: z.string(),
      dims: z.array(z.number().int().nonnegative()),
      /** How the values are stored; they are float32 in memory. */
      stored: z.enum(["float16", "float32"]),
    }),
  ),
  /** Lower-case hex SHA-256 of the payload. */
  payloadSha256: z.string(),
});

type EmbeddingHeader = z.infer<typeof headerSchema>;

type Hasher = Pick<Platform, "sha256">;

/** @throws MaskeryError `INVALID_INPUT` for an embedding with other than float32 tensors. */
export async function writeEmbedding(
  embedding: Embedding,
  hasher: Hasher,
  precision: EmbeddingPrecision = "float32",
): Promise<Uint8Array> {
  const stored = Object.entries(embedding.tensors).map(([name, tensor]) => ({
    name,
    dims: [...tensor.dims],
    bytes: storedBytes(name, tensor, precision),
  }));
  const payload = new Uint8Array(stored.reduce((total, { bytes }) => total + align(bytes.length), 0));
  let offset = 0;
  for (const { bytes } of stored) {
    payload.set(bytes, offset);
    offset += align(bytes.length);
  }
  const header: EmbeddingHeader = {
    modelFingerprint: embedding.modelFingerprint,
    imageSize: { ...embedding.imageSize },
    fit: { ...embedding.fit },
    tensors: stored.map(({ name, dims }) => ({ name, dims, stored: precision })),
    payloadSha256: await hasher.sha256([payload]),
  };
  const headerBytes = new TextEncoder().encode(JSON.stringify(header));
  const payloadStart = align(PREFIX_BYTES + headerBytes.length);
  const file = new Uint8Array(payloadStart + payload.length).fill(0x20, 0, payloadStart);
  const view = new DataView(file.buffer);
  file.set(MAGIC);
  view.setUint16(4, EMBEDDING_FORMAT_VERSION, true);
  view.setUint16(6, 0, true);
  view.setUint32(8, payloadStart - PREFIX_BYTES, true);
  file.set(headerBytes, PREFIX_BYTES);
  file.set(payload, payloadStart);
  return file;
}

/**
 * @throws MaskeryError `INVALID_INPUT` when the bytes are no embedding, of a newer version, cut short or changed. Which
 * model made it is for the decoder to check.
 */
export async function readEmbedding(file: Uint8Array, hasher: Hasher): Promise<Embedding> {
  const { header, payload } = splitFile(file);
  if ((await hasher.sha256([payload])) !== header.payloadSha256)
    throw broken("its payload does not match its hash");
  const tensors: Record<string, Tensor> = {};
  let offset = 0;
  for (const { name, dims, stored } of header.tensors) {
    const length = dims.reduce((product, dim) => product * dim, 1);
    const bytesPerValue = stored === "float16" ? 2 : 4;
    const end = offset + length * bytesPerValue;
    if (end > payload.length) throw broken(`tensor ${name} is cut short`);
    // A copy, so that the typed array is aligned and the embedding does not hold on to the file.
    const bytes = payload.slice(offset, end).buffer;
    const data = stored === "float16" ? fromFloat16Bits(new Uint16Array(bytes)) : new Float32Array(bytes);
    tensors[name] = { type: "float32", dims, data };
    offset = align(end);
  }
  const { modelFingerprint, imageSize, fit } = header;
  return { modelFingerprint, imageSize, fit, tensors };
}

function splitFile(file: Uint8Array): { header: EmbeddingHeader; payload: Uint8Array } {
  if (file.length < PREFIX_BYTES || MAGIC.some((byte, index) => file[index] !== byte))
    throw broken("it does not begin as one");
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const version = view.getUint16(4, true);
  if (version !== EMBEDDING_FORMAT_VERSION)
    throw broken(`it has version ${version}, this reader knows ${EMBEDDING_FORMAT_VERSION}`);
  const payloadStart = PREFIX_BYTES + view.getUint32(8, true);
  if (payloadStart > file.length) throw broken("its header is cut short");
  try {
    const header = JSON.parse(new TextDecoder().decode(file.subarray(PREFIX_BYTES, payloadStart)));
    return { header: headerSchema.parse(header), payload: file.subarray(payloadStart) };
  } catch (cause) {
    throw broken("its header cannot be read", cause);
  }
}

function storedBytes(name: string, tensor: Tensor, precision: EmbeddingPrecision): Uint8Array {
  if (tensor.type !== "float32") {
    throw new MaskeryError(
      "INVALID_INPUT",
      `tensors.${name}.type: expected "float32", received "${tensor.type}"`,
    );
  }
  const values = precision === "float16" ? toFloat16Bits(tensor.data) : tensor.data;
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}

function align(length: number): number {
  return Math.ceil(length / ALIGNMENT) * ALIGNMENT;
}

function broken(reason: string, cause?: unknown): MaskeryError {
  return new MaskeryError("INVALID_INPUT", `embedding: expected a stored embedding, but ${reason}`, {
    cause,
    field: "embedding",
  });
}
