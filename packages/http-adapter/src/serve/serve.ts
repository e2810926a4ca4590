import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import {
  type CallOptions,
  type Describer,
  invalidInput,
  MaskeryError,
  type Platform,
  type RemoteHalves,
  type Segmenter,
} from "@maskery/core";
import { createSegmentationApi, type SegmentationApi } from "../create-segmentation-api.js";
import { toNode } from "../mount/node.js";
import { type Logger, silentLogger } from "../observe/logger.js";
import { type RemoteStatus, remoteEncoderStatus } from "../service/remote-health.js";
import { ModelLoader } from "./model-loader.js";
import { remoteHalvesOf } from "./remote-halves.js";
import type { ServeSettings } from "./serve-settings.js";
import { openServerStores } from "./server-stores.js";

export interface ServeOptions {
  readonly settings: ServeSettings;
  /**
   * Makes the model. Called once the server listens; called again by later requests when it failed. The server disposes it.
   * The signal fires when the last request of a stopping server is done; `remote` is there where settings name a remote encoder,
   * for `createSegmenter` of a platform package.
   */
  readonly createSegmenter: (options: CallOptions & { readonly remote?: RemoteHalves }) => Promise<Segmenter>;
  /** Reads pictures while the model is being loaded. */
  readonly platform: Platform;
  readonly describer?: Describer;
  /** Asks the remote encoder how it is. Default: the one of the settings is asked itself. */
  readonly remoteStatus?: RemoteStatus;
  readonly logger?: Logger;
  /** Milliseconds that requests under way get to end when the server stops. Default 10,000. */
  readonly stopTimeoutMs?: number;
}

export interface RunningServer {
  /** Where it answers, for example `http://127.0.0.1:8000`. */
  readonly url: string;
  /** Where the files lie. */
  readonly directory: string;
  readonly api: SegmentationApi;
  /** Takes no new requests, lets those under way end, and releases everything. Safe to call twice. */
  close(): Promise<void>;
}

const DEFAULT_STOP_TIMEOUT_MS = 10_000;
const IDLE_SWEEP_MS = 100;

/**
 * Serves the documented APIs. Listens first; the model is loaded meanwhile, and `/health` says how far that is.
 * @throws MaskeryError `INVALID_INPUT` for an address that is taken or not of this machine, `STORAGE_FAILED`.
 */
export async function serve(options: ServeOptions): Promise<RunningServer> {
  const { settings, platform, describer, logger = silentLogger } = options;
  const remote = remoteHalvesOf(settings, logger);
  const model = new ModelLoader((call) => options.createSegmenter({ ...call, ...(remote && { remote }) }));
  const remoteStatus = options.remoteStatus ?? (remote && remoteEncoderStatus(remote.encoder));
  const { stores, directory, dispose } = await openServerStores(settings);
  const api = createSegmentationApi({
    segmenter: model.get,
    platform,
    stores,
    cors: settings.cors,
    limits: { maxFileBytes: settings.maxFileBytes },
    logger,
    ...(settings.publicUrl !== undefined && { publicUrl: settings.publicUrl }),
    ...(describer && { descriptions: { describer } }),
    ...(remoteStatus && { remoteStatus }),
    placement: settings.placement,
  });
  const server = createServer(toNode(api));
  const release = async () => {
    await api.close();
    await model.dispose();
    await dispose();
  };
  try {
    await listen(server, settings);
  } catch (error) {
    await release();
    throw error;
  }
  // Clients need not wait for the first of them to ask for the model. A failure is logged, and tried again, by the API.
  model.get().catch(() => undefined);

  let closed: Promise<void> | undefined;
  return {
    url: addressOf(server),
    directory,
    api,
    close() {
      closed ??= stop(server, options.stopTimeoutMs ?? DEFAULT_STOP_TIMEOUT_MS).then(release);
      return closed;
    },
  };
}

function listen(server: Server, { host, port }: ServeSettings): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", (cause: NodeJS.ErrnoException) => {
      const field = cause.code === "ENOTFOUND" || cause.code === "EADDRNOTAVAIL" ? "--host" : "--port";
      const expected = field === "--host" ? "an address of this machine" : "a port that is free";
      reject(
        cause.code && ["EADDRINUSE", "EACCES", "ENOTFOUND", "EADDRNOTAVAIL"].includes(cause.code)
          ? invalidInput(field, expected, field === "--host" ? host : port, cause)
          : new MaskeryError("INTERNAL", "The server cannot listen.", { cause }),
      );
    });
    server.listen(port, host, resolve);
  });
}

function addressOf(server: Server): string {
  const { address, family, port } = server.address() as AddressInfo;
  return `http://${family === "IPv6" ? `[${address}]` : address}:${port}`;
}

/** Requests under way get their time; what is left then is cut off. */
async function stop(server: Server, timeoutMs: number): Promise<void> {
  const ended = new Promise<void>((resolve) => server.close(() => resolve()));
  // A connection that is kept alive becomes idle only after its last answer.
  server.closeIdleConnections();
  const sweep = setInterval(() => server.closeIdleConnections(), IDLE_SWEEP_MS);
  const limit = setTimeout(() => server.closeAllConnections(), timeoutMs);
  await ended;
  clearInterval(sweep);
  clearTimeout(limit);
}
