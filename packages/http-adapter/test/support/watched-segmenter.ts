import {
  createModelStore,
  createNodePlatform,
  createOnnxRuntime,
  findModel,
  type ModelPlacement,
  placeModelLocally,
  Segmenter,
} from "@maskery/node";

/** The built-in model, with every run counted, and held up or broken where a test says so. */
export interface WatchedSegmenter {
  readonly segmenter: Segmenter;
  /** Runs of the encoder and the decoder that were begun. */
  readonly runs: { encodes: number; decodes: number };
  /** Encoder runs that were stopped by their signal. */
  stopped: number;
  /** Encoder runs that wait at the gate now. */
  held: number;
  /** While set, every run of the encoder waits for it, or for its signal. */
  gate: Promise<void> | undefined;
  /** While set, the decoder answers so many more runs; later ones wait for `open`, or for their signal. */
  decoderGate: { runsLeft: number; readonly open: Promise<void> } | undefined;
  /** Decoder runs that wait at the gate now. */
  heldDecodes: number;
  /** While set, every run of the encoder fails with it. */
  failure: Error | undefined;
}

export async function createWatchedSegmenter(): Promise<WatchedSegmenter> {
  const { spec, folder } = await findModel("nano");
  const placement = await placeModelLocally(spec, createModelStore(spec, { folder }), createOnnxRuntime());
  const runs = { encodes: 0, decodes: 0 };
  const { encoder, decoder } = placement;
  const watched: ModelPlacement = {
    model: placement.model,
    everythingDefaults: placement.everythingDefaults,
    encoder: {
      contractVersion: 1,
      modelFingerprint: encoder.modelFingerprint,
      device: encoder.device,
      async encode(image, options) {
        runs.encodes++;
        if (watch.failure) throw watch.failure;
        if (watch.gate) {
          watch.held++;
          await atGate(watch.gate, options?.signal)
            .catch((error: unknown) => {
              watch.stopped++;
              throw error;
            })
            .finally(() => watch.held--);
        }
        return encoder.encode(image, options);
      },
      dispose: () => encoder.dispose(),
    },
    decoder: {
      contractVersion: 1,
      modelFingerprint: decoder.modelFingerprint,
      device: decoder.device,
      abilities: decoder.abilities,
      async decode(embedding, prompts, options) {
        runs.decodes++;
        const { decoderGate } = watch;
        if (decoderGate && --decoderGate.runsLeft < 0) {
          watch.heldDecodes++;
          await atGate(decoderGate.open, options?.signal).finally(() => watch.heldDecodes--);
        }
        return decoder.decode(embedding, prompts, options);
      },
      dispose: () => decoder.dispose(),
    },
  };
  const watch: WatchedSegmenter = {
    segmenter: new Segmenter(watched, createNodePlatform()),
    runs,
    stopped: 0,
    held: 0,
    gate: undefined,
    decoderGate: undefined,
    heldDecodes: 0,
    failure: undefined,
  };
  return watch;
}

/** Waits for the gate to open; rejects when the signal fires first. */
async function atGate(gate: Promise<void>, signal: AbortSignal | undefined): Promise<void> {
  let onAbort = () => {};
  const stopped = new Promise<never>((_, reject) => {
    onAbort = () => reject(signal!.reason as Error);
    if (signal?.aborted) onAbort();
    else signal?.addEventListener("abort", onAbort, { once: true });
  });
  try {
    await Promise.race([gate, stopped]);
  } finally {
    signal?.removeEventListener("abort", onAbort);
  }
}
