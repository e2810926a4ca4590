import type { ModelStore } from "../../backend/model-store.js";
import type { Platform } from "../../backend/platform.js";
import type { DeviceReport, Runtime } from "../../backend/runtime.js";
import type { CallOptions } from "../../cancellation.js";
import { invalidInput, MaskeryError, type MaskeryErrorCode } from "../../errors.js";
import { type ModelSpec, modelFingerprint } from "../../model/model-spec.js";
import { everythingDefaultsOf, type PlaceModelOptions } from "../local-placement.js";
import type { Decoder, Encoder, ModelPlacement } from "../placement.js";
import { type FirstWorkingOptions, firstWorkingDecoder, firstWorkingEncoder } from "./first-working.js";
import { localDecoder, localEncoder } from "./local-half.js";
import { checkSameModel } from "./remote-connection.js";
import { remoteDecoder } from "./remote-decoder.js";
import { type RemoteEncoder, remoteEncoder } from "./remote-encoder.js";
import type { RemoteOptions } from "./remote-options.js";

/** This machine among the places of a fallback, in device reports. */
export const FALLBACK_HERE = "here";

const failuresOfOpening: ReadonlySet<MaskeryErrorCode> = new Set<MaskeryErrorCode>([
  "MODEL_NOT_FOUND",
  "MODEL_UNAVAILABLE",
  "MODEL_CORRUPT",
  "DEVICE_UNAVAILABLE",
  "STORAGE_FAILED",
  "FORBIDDEN",
]);

/** Which halves of a model run elsewhere. */
export interface RemoteHalves {
  /** Where pictures are encoded: an address, or more about it. Default: here. */
  readonly encoder?: string | RemoteOptions;
  /** Where prompts are decoded. Default: here, so that a click needs no network. */
  readonly decoder?: string | RemoteOptions;
  /**
   * Whether a half runs here while its server fails; its files are then loaded when that happens. Default false. In reports this
   * machine is `FALLBACK_HERE`, a server its address.
   */
  readonly fallback?: boolean;
  /** With `fallback`: milliseconds until a server that failed is asked again. Default 30 000. */
  readonly retryAfterMs?: number;
  /** With `fallback`: called when a half begins to run, and whenever it goes on elsewhere than before. What it throws is ignored. */
  readonly onMove?: (half: "encoder" | "decoder", report: DeviceReport) => void;
}

/** A model that can be loaded here. */
export interface LocalModel {
  readonly spec: ModelSpec;
  readonly store: ModelStore;
  readonly runtime: Runtime;
}

/**
 * Places a model of which at least one half runs elsewhere.
 * @param local - Called only where a half of the model runs here, or may have to. Then the servers must hold the same model in
 * the same precision.
 * @throws MaskeryError `INVALID_INPUT` naming the option at fault, `CONFLICT` when the halves are of different models; as
 * `remoteEncoder` and `localEncoder`.
 */
export async function placeRemoteHalves(
  remote: RemoteHalves,
  local: (options: CallOptions) => Promise<LocalModel>,
  platform: Platform,
  options: PlaceModelOptions = {},
): Promise<ModelPlacement> {
  const { signal } = options;
  const wanted = checkHalves(remote);
  const { fallback = false } = remote;
  const here =
    fallback || !wanted.encoder || !wanted.decoder ? await local(signal ? { signal } : {}) : undefined;
  // A description without a layout has no fingerprint yet; placing a half of it will say so.
  const expected = here?.spec.layout === undefined ? {} : { modelFingerprint: modelFingerprint(here.spec) };
  const open = <Half>(
    half: "encoder" | "decoder",
    address: RemoteOptions | undefined,
    there: (options: RemoteOptions & CallOptions, platform: Platform) => Promise<Half>,
    locally: (
      spec: ModelSpec,
      store: ModelStore,
      runtime: Runtime,
      options: PlaceModelOptions,
    ) => Promise<Half>,
    first: (
      candidates: readonly { readonly name: string; open(options: CallOptions): Promise<Half> }[],
      options: FirstWorkingOptions,
    ) => Promise<Half>,
  ): Promise<Half> => {
    const placeHere = ({ signal: stop }: CallOptions) =>
      locally(here!.spec, here!.store, here!.runtime, { ...options, ...(stop && { signal: stop }) });
    if (!address) return placeHere(options);
    const placeThere = (call: CallOptions) => there({ ...expected, ...address, ...call }, platform);
    if (!fallback) return placeThere(signal ? { signal } : {});
    return first(
      [
        { name: withoutSearch(address.url), open: placeThere },
        { name: FALLBACK_HERE, open: (call) => placeHere(call).catch(cannotStandIn) },
      ],
      {
        ...(signal && { signal }),
        ...(remote.retryAfterMs !== undefined && { retryAfterMs: remote.retryAfterMs }),
        onMove: (report) => remote.onMove?.(half, report),
      },
    );
  };
  const encoder = await open<Encoder>(
    "encoder",
    wanted.encoder,
    remoteEncoder,
    localEncoder,
    firstWorkingEncoder,
  );
  let decoder: Decoder | undefined;
  try {
    decoder = await open<Decoder>(
      "decoder",
      wanted.decoder,
      remoteDecoder,
      localDecoder,
      firstWorkingDecoder,
    );
    checkSameModel("remote", encoder.modelFingerprint, decoder.modelFingerprint);
    if (here) {
      const { spec } = here;
      return { model: spec.id, everythingDefaults: everythingDefaultsOf(spec), encoder, decoder };
    }
    const { model, everythingDefaults } = (encoder as RemoteEncoder).served;
    return { model, everythingDefaults, encoder, decoder };
  } catch (error) {
    await Promise.all([encoder.dispose(), decoder?.dispose()]);
    throw error;
  }
}

/**
 * Files that are not here, or a licence that was not accepted: for whoever asks about a picture the model is away, until the server
 * is back.
 */
function cannotStandIn(error: unknown): never {
  if (!MaskeryError.is(error) || !failuresOfOpening.has(error.code)) throw error;
  throw new MaskeryError("MODEL_UNAVAILABLE", `This machine cannot stand in: ${error.message}`, {
    cause: error,
  });
}

/** For reports: some gateways take their key in the search. */
function withoutSearch(url: string): string {
  return url.replace(/[?#].*$/s, "");
}

function checkHalves(remote: RemoteHalves): {
  readonly encoder: RemoteOptions | undefined;
  readonly decoder: RemoteOptions | undefined;
} {
  if (typeof remote !== "object" || remote === null)
    throw invalidInput("remote", "an object with an encoder, a decoder or both", remote);
  const { encoder, decoder } = remote;
  if (encoder === undefined && decoder === undefined)
    throw invalidInput("remote", "an encoder, a decoder or both", "neither");
  const whole = (half: string | RemoteOptions | undefined) =>
    typeof half === "string" ? { url: half } : half;
  return { encoder: whole(encoder), decoder: whole(decoder) };
}
