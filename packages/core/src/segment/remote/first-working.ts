import type { DeviceReport } from "../../backend/runtime.js";
import { type CallOptions, waitUnlessAborted } from "../../cancellation.js";
import { invalidInput, MaskeryError } from "../../errors.js";
import { numberBetween } from "../../number-between.js";
import type { Decoder, Encoder, ModelPlacement } from "../placement.js";
import { FallbackOrder, type FallbackSource } from "./fallback-order.js";
import { checkSameModel } from "./remote-connection.js";

/** A placement or a half of one that is there, or how to get it when its turn comes. */
export type FallbackCandidate<Placed> =
  | Placed
  | { readonly name: string; open(options: CallOptions): Promise<Placed> };

export interface FirstWorkingOptions extends CallOptions {
  /** Milliseconds for which a place that failed is not asked again while another answers. Default 30 000. */
  readonly retryAfterMs?: number;
  /**
   * Called when the work goes on in another place than before, and when it begins: for logs. What it throws is ignored. Of a
   * placement it is told for each half.
   */
  readonly onMove?: (report: DeviceReport) => void;
}

/**
 * One placement of several, in the order of preference: every call goes to the first that works. What failed, and why, stands in
 * the `deviceReport` of the halves (`segmenter.deviceReport`); it is tried again after a pause. All must hold the same model, so
 * that an embedding of one can be decoded by another; one with another model counts as failed.
 * @param candidates - Taken over: disposed with the result.
 * @throws MaskeryError of the last candidate when none can be opened; `INVALID_INPUT`, `ABORTED`.
 */
export async function firstWorking(
  candidates: readonly FallbackCandidate<ModelPlacement>[],
  options: FirstWorkingOptions = {},
): Promise<ModelPlacement> {
  const sources = candidates.map((candidate, index) =>
    sourceOf(candidate, index, async ({ encoder, decoder }) => {
      await Promise.all([encoder.dispose(), decoder.dispose()]);
    }),
  );
  // A placement may have been opened for one half only; so both go when both are let go.
  let halves = 2;
  const release = async () => {
    halves -= 1;
    if (halves <= 0) await Promise.all(sources.map((source) => source.dispose()));
  };
  const encoders = await openOrder(
    sources.map(({ name, open }) => ({ name, open: async (call) => (await open(call)).encoder })),
    options,
  );
  try {
    const decoders = await openOrder(
      sources.map(({ name, open }) => ({ name, open: async (call) => (await open(call)).decoder })),
      options,
    );
    const { modelFingerprint } = encoders.taken;
    checkSameModel("firstWorking", modelFingerprint, decoders.taken.modelFingerprint);
    const identity = await identityOf(sources, modelFingerprint, options);
    return { ...identity, encoder: encoderOver(encoders, release), decoder: decoderOver(decoders, release) };
  } catch (error) {
    await encoders.dispose();
    await Promise.all(sources.map((source) => source.dispose()));
    throw error;
  }
}

/** As `firstWorking`, for encoders. */
export async function firstWorkingEncoder(
  candidates: readonly FallbackCandidate<Encoder>[],
  options: FirstWorkingOptions = {},
): Promise<Encoder> {
  return encoderOver(await openOrder(candidates, options));
}

/** As `firstWorking`, for decoders. */
export async function firstWorkingDecoder(
  candidates: readonly FallbackCandidate<Decoder>[],
  options: FirstWorkingOptions = {},
): Promise<Decoder> {
  return decoderOver(await openOrder(candidates, options));
}

function encoderOver(order: FallbackOrder<Encoder>, release?: () => Promise<void>): Encoder {
  return {
    contractVersion: 1,
    modelFingerprint: order.taken.modelFingerprint,
    get device() {
      return order.taken.device;
    },
    get deviceReport() {
      return order.report;
    },
    encode: (image, call = {}) => order.run((encoder) => encoder.encode(image, call), call),
    dispose: disposeOnce(order, release),
  };
}

function decoderOver(order: FallbackOrder<Decoder>, release?: () => Promise<void>): Decoder {
  const { modelFingerprint, abilities } = order.taken;
  return {
    contractVersion: 1,
    modelFingerprint,
    abilities,
    get device() {
      return order.taken.device;
    },
    get deviceReport() {
      return order.report;
    },
    decode: (embedding, prompts, call = {}) =>
      order.run((decoder) => decoder.decode(embedding, prompts, call), call),
    dispose: disposeOnce(order, release),
  };
}

function disposeOnce(
  order: { dispose(): Promise<void> },
  release: (() => Promise<void>) | undefined,
): () => Promise<void> {
  let disposed: Promise<void> | undefined;
  return () => {
    disposed ??= (async () => {
      await order.dispose();
      await release?.();
    })();
    return disposed;
  };
}

/** Opens the first candidate that can be: from then on the model is settled. */
async function openOrder<Half extends Encoder | Decoder>(
  candidates: readonly FallbackCandidate<Half>[],
  { retryAfterMs, onMove, signal }: FirstWorkingOptions,
): Promise<FallbackOrder<Half>> {
  if (candidates.length === 0) throw invalidInput("candidates", "at least one", "none");
  const rest = numberBetween("retryAfterMs", retryAfterMs, 30_000, 0);
  const sources = candidates.map((candidate, index) => sourceOf(candidate, index, (half) => half.dispose()));
  const order = new FallbackOrder(sources, rest, onMove);
  try {
    await order.run(async () => undefined, { signal });
    return order;
  } catch (error) {
    await order.dispose();
    throw error;
  }
}

async function identityOf(
  sources: readonly FallbackSource<ModelPlacement>[],
  modelFingerprint: string,
  call: CallOptions,
): Promise<Pick<ModelPlacement, "model" | "everythingDefaults">> {
  for (const source of sources) {
    const placement = await source.open(call).catch(() => undefined);
    if (placement?.encoder.modelFingerprint === modelFingerprint) {
      const { model, everythingDefaults } = placement;
      return { model, everythingDefaults };
    }
  }
  throw new MaskeryError("MODEL_UNAVAILABLE", "None of the placements can be opened any more.");
}

/** Opens once for everybody; a failed attempt is forgotten. */
function sourceOf<Placed extends object>(
  candidate: FallbackCandidate<Placed>,
  index: number,
  disposeOf: (placed: Placed) => Promise<void>,
): FallbackSource<Placed> {
  let opening: Promise<Placed> | undefined;
  const closed = new AbortController();
  if (!("open" in candidate)) {
    const { device, model } = candidate as { readonly device?: string; readonly model?: string };
    return {
      name: device ?? model ?? `place ${index + 1}`,
      open: async () => candidate,
      dispose: () => disposeOf(candidate),
    };
  }
  return {
    name: candidate.name,
    open({ signal }) {
      if (closed.signal.aborted)
        return Promise.reject(new MaskeryError("DISPOSED", `${candidate.name} was disposed.`));
      if (!opening) {
        const started = candidate.open({ signal: closed.signal });
        opening = started;
        started.catch(() => {
          if (opening === started) opening = undefined;
        });
      }
      return waitUnlessAborted(opening, signal);
    },
    async dispose() {
      closed.abort();
      const placed = await opening?.catch(() => undefined);
      if (placed) await disposeOf(placed);
    },
  };
}
