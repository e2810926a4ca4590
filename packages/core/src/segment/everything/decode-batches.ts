import { type CallOptions, waitUnlessAborted } from "../../cancellation.js";
import type { RgbaImage } from "../../image/rgba-image.js";
import type { DecodedObject } from "../../model/layout.js";
import type { Embedding } from "../embedding.js";
import type { CropFrame } from "./candidate.js";
import { cropPixels } from "./crop-boxes.js";
import { decodePrompts, pointPrompt } from "./decode-prompts.js";
import type { EverythingContext } from "./everything-context.js";
import type { GridPoint, ResolvedEverythingOptions } from "./options.js";
import { refineByMask } from "./refine-by-mask.js";

/** Batches that the decoder may have before it while one is being filtered: so it never waits for the filter. */
const BATCHES_IN_FLIGHT = 2;

/** One batch of points, decoded. */
export interface DecodedBatch {
  readonly frame: CropFrame;
  /** In pixels of the crop. */
  readonly points: readonly GridPoint[];
  /** One for each point. */
  readonly objects: readonly DecodedObject[];
}

export interface CropTask {
  readonly frame: CropFrame;
  /** In pixels of the crop. */
  readonly points: readonly GridPoint[];
}

/**
 * Decodes the points of all crops in order, ahead of the reader by a few batches; the next crop is encoded while the last
 * batches of the one before are decoded. Ends its work when the reader stops.
 * @param signal - Must fire when the reader stops early, so that batches under way end.
 */
export async function* decodeBatches(
  context: EverythingContext,
  crops: readonly CropTask[],
  options: ResolvedEverythingOptions,
  signal: AbortSignal,
): AsyncGenerator<DecodedBatch, void, undefined> {
  const embeddings = cropEmbeddings(context, crops, signal);
  const tasks = crops.flatMap(({ frame, points }) => {
    const starts = Array.from({ length: Math.ceil(points.length / options.pointsPerBatch) }, (_, batch) => batch);
    return starts.map((batch) => ({
      frame,
      points: points.slice(batch * options.pointsPerBatch, (batch + 1) * options.pointsPerBatch),
      isLast: batch === starts.length - 1,
    }));
  });
  let started = 0;
  let before: Promise<unknown> = Promise.resolve();
  const start = (): Promise<DecodedBatch> => {
    const { frame, points, isLast } = tasks[started++]!;
    // Decoders that take one object at a time would serve two batches in turns, and both would be late.
    const turn = context.decoder.abilities.batchObjects ? Promise.resolve() : before;
    const work = (async (): Promise<DecodedBatch> => {
      await turn;
      const embedding = await embeddings.of(frame);
      let objects = await decodePrompts(context.decoder, embedding, points.map(pointPrompt), signal);
      if (options.useM2m) objects = await refineByMask(context.decoder, embedding, points, objects, options, signal);
      if (isLast) embeddings.release(frame);
      return { frame, points, objects };
    })();
    // A batch that fails while another is being read is met when its turn comes, or never when the reader stops.
    before = work.catch(() => undefined);
    return work;
  };
  const flying: Promise<DecodedBatch>[] = [];
  const fill = () => {
    while (flying.length < BATCHES_IN_FLIGHT && started < tasks.length) flying.push(start());
  };
  for (fill(); flying.length > 0; ) {
    const batch = await flying.shift()!;
    fill();
    yield batch;
  }
}

/** Embeddings of crops, each made when its first batch starts and let go after its last. */
function cropEmbeddings(context: EverythingContext, crops: readonly CropTask[], signal: AbortSignal) {
  const options: CallOptions = { signal };
  const embeddings = new Map<CropFrame, Promise<Embedding>>();
  const lastFrame = crops.at(-1)?.frame;
  let pixels: Promise<RgbaImage> | undefined;
  const make = async (frame: CropFrame): Promise<Embedding> => {
    if (frame.box.layer === 0) return context.embedding(options);
    pixels ??= context.pixels(options);
    const crop = cropPixels(await pixels, frame.box);
    if (frame === lastFrame) pixels = undefined;
    return context.encode(crop, options);
  };
  return {
    of(frame: CropFrame): Promise<Embedding> {
      let embedding = embeddings.get(frame);
      if (!embedding) {
        embedding = waitUnlessAborted(make(frame), signal);
        embeddings.set(frame, embedding);
      }
      return embedding;
    },
    release: (frame: CropFrame) => void embeddings.delete(frame),
  };
}
