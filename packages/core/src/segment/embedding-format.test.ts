import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { fitToFrame } from "../image/frame-fit.js";
import type { Embedding } from "./embedding.js";
import { readEmbedding, writeEmbedding } from "./embedding-format.js";

const hasher = {
  sha256: async (parts: readonly Uint8Array[]) => {
    const hash = createHash("sha256");
    for (const part of parts) hash.update(part);
    return hash.digest("hex");
  },
};

const values = (length: number) => Float32Array.from({ length }, (_, index) => Math.sin(index) * 5);

const embedding: Embedding = {
  modelFingerprint: "model|1",
  imageSize: { width: 640, height: 427 },
  fit: fitToFrame({ width: 640, height: 427 }, 256, "letterbox"),
  tensors: {
    // An odd length, so that padding matters.
    image_embed: { type: "float32", dims: [1, 3, 5, 5], data: values(75) },
    high_res_feats_0: { type: "float32", dims: [1, 2, 4], data: values(8) },
  },
};

describe("stored embeddings", () => {
  it("come back exactly at full precision", async () => {
    expect(await readEmbedding(await writeEmbedding(embedding, hasher), hasher)).toEqual(embedding);
  });

  it("come back nearly at half precision, in about half the bytes", async () => {
    const large: Embedding = {
      ...embedding,
      tensors: { image_embed: { type: "float32", dims: [1, 100, 100], data: values(10_000) } },
    };
    const [half, full] = await Promise.all([
      writeEmbedding(large, hasher, "float16"),
      writeEmbedding(large, hasher),
    ]);
    expect(half.length).toBeLessThan(0.55 * full.length);
    const read = await readEmbedding(half, hasher);
    const [stored, original] = [
      read.tensors["image_embed"]!.data,
      large.tensors["image_embed"]!.data,
    ] as Float32Array[];
    const worst = original!.reduce(
      (error, value, index) => Math.max(error, Math.abs(value - stored![index]!)),
      0,
    );
    expect(worst).toBeGreaterThan(0);
    expect(worst).toBeLessThan(0.002);
  });

  it("can be read out of a larger buffer at any offset", async () => {
    const file = await writeEmbedding(embedding, hasher);
    const moved = new Uint8Array(file.length + 3);
    moved.set(file, 3);
    expect(await readEmbedding(moved.subarray(3), hasher)).toEqual(embedding);
  });

  it("are refused when cut short at any byte, or changed in the payload", async () => {
    const file = await writeEmbedding(embedding, hasher);
    for (let length = 0; length < file.length; length += 7) {
      await expect(readEmbedding(file.subarray(0, length), hasher)).rejects.toMatchObject({
        code: "INVALID_INPUT",
      });
    }
    const changed = file.slice();
    changed[file.length - 10]! ^= 1;
    await expect(readEmbedding(changed, hasher)).rejects.toThrow("payload does not match its hash");
  });

  it("are refused from a newer version and from other files", async () => {
    const newer = await writeEmbedding(embedding, hasher);
    newer[4] = 2;
    await expect(readEmbedding(newer, hasher)).rejects.toThrow("it has version 2, this reader knows 1");
    await expect(readEmbedding(new TextEncoder().encode("hello, this is text"), hasher)).rejects.toThrow(
      "does not begin as one",
    );
  });
});
