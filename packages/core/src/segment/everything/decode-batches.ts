import { type CallOptions, waitUnlessAborted } from "../../cancellation.js";
import type { RgbaImage } from "../../image/rgba-image.js";
import type { DecodedObject } from "../../model/layout.js";
import type { Embedding } from "../embedding.js";
import type { Decoder } from "../placement.js";
import type { CropFrame } from "./candidate.js";
import { cropPixels } from "./crop-boxes.js";
import { decodePrompts, pointPrompt } from "./decode-prompts.js";
import type { EverythingContext } from "./everything-context.js";
import type { GridPoint, ResolvedEverythingOptions } from "./options.js";
import { refineByMask } from "./refine-by-mask.js";
import { spreadOrder } from "./spread-order.js";

/** Batches that the decoder may have before it while one is being filtered: so it never waits for the filter. */
const BATCHES_IN_FLIGHT = 2;

/**
 * Devices on which a larger run is no faster for each object and only takes more memory: the built-in model's decoder needs
 * 13 MB for each object of a run.
 */
const DEVICES_FOR_SMALL_RUNS: readonly string[] = ["cpu", "wasm"];
const SMALL_RUN_OBJECTS = 4;

/** One batch of points, decoded. */
export interface DecodedBatch {
  readonly frame: CropFrame;
  /** In pixels of the crop. */
  readonly points: readonly GridPoint[];
  /** Places of the points in their grid. */
  readonly indices: readonly number[];
  /** One for each point. */
  readonly objects: readonly DecodedObject[];
  readonly isLastOfCrop: boolean;
}

export interface CropTask {
  readonly frame: CropFrame;
  /** In pixels of the crop. */
  readonly points: readonly GridPoint[];
}

/**
 * Decodes the points of all crops, crop by crop, ahead of the reader by a few batches; the next crop is encoded while the last
 * batches of the one before are decoded. The points of a crop come spread over it, so that the first masks are found soon
 * and everywhere.
 * @param signal - Must fire when the reader stops early, so that batches under way end.
 */
export async function* decodeBatches(
  context: EverythingContext,
  crops: readonly CropTask[],
  options: ResolvedEverythingOptions,
  signal: AbortSignal,
): AsyncGenerator<DecodedBatch, void, undefined> {
  const embeddings = cropEmbeddings(context, crops, signal);
  const perRun = pointsPerRun(context.decoder, options);
  const tasks = crops.flatMap(({ frame, points }) => {
    const order = spreadOrder(points.length);
    return Array.from({ length: Math.ceil(points.length / perRun) }, (_, batch) => {
      const indices = order.slice(batch * perRun, (batch + 1) * perRun);
      const isLastOfCrop = (batch + 1) * perRun >= points.length;
      return { frame, indices, points: indices.map((index) => points[index]!), isLastOfCrop };
    });
  });
  let started = 0;
  let before: Promise<unknown> = Promise.resolve();
  const start = (): Promise<DecodedBatch> => {
    const { frame, points, indices, isLastOfCrop } = tasks[started++]!;
    // Decoders that take one object at a time would serve two batches in turns, and both would be late.
    const turn = context.decoder.abilities.batchObjects ? Promise.resolve() : before;
    const work = (async (): Promise<DecodedBatch> => {
      await turn;
      const embedding = await embeddings.of(frame);
      let objects = await decodePrompts(context.decoder, embedding, points.map(pointPrompt), signal);
      if (options.useM2m)
        objects = await refineByMask(
          context.decoder,
          embedding,
          points,
          objects,
          perRun,
          options.multimaskOutput,
          signal,
        );
      if (isLastOfCrop) embeddings.release(frame);
      return { frame, points, indices, objects, isLastOfCrop };
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

/** `pointsPerBatch`, or less where less is better; results do not depend on it. */
function pointsPerRun({ abilities, device }: Decoder, { pointsPerBatch }: ResolvedEverythingOptions): number {
  const small = !abilities.batchObjects || DEVICES_FOR_SMALL_RUNS.includes(device);
  return small ? Math.min(SMALL_RUN_OBJECTS, pointsPerBatch) : pointsPerBatch;
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
