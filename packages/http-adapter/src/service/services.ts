import type { CallOptions, Platform } from "@maskery/core";
import type { WorkSlots } from "../guards/work-slots.js";
import type { Logger } from "../observe/logger.js";
import type { ObjectStore } from "../stores/object-store.js";
import type { SessionStore } from "../stores/session-store.js";
import type { Descriptions } from "./descriptions.js";
import type { ModelAccess } from "./model-access.js";
import type { OpenPictures } from "./open-pictures.js";
import type { RemoteWatch } from "./remote-health.js";

export interface ApiLimits {
  /** Bound on one uploaded file; pictures in base64 in a JSON body may together be as large. */
  readonly maxFileBytes: number;
  /** Bound on width × height of a picture, checked before it is decoded. */
  readonly maxPixels: number;
  /** Bound on a JSON body that carries no picture. */
  readonly maxJsonBytes: number;
}

/** The three places for files. */
export interface ObjectStores {
  readonly uploads: ObjectStore;
  readonly masks: ObjectStore;
  readonly results: ObjectStore;
}

/** What the APIs share. Made once for each `createSegmentationApi`. */
export interface Services {
  readonly model: ModelAccess;
  /** Reads and writes pictures; there while the model is away, where the host gave one. */
  readonly platform: (options?: CallOptions) => Promise<Platform>;
  /** Knows how the remote encoder is; absent where the model runs here. */
  readonly remote: RemoteWatch | undefined;
  readonly pictures: OpenPictures;
  readonly descriptions: Descriptions;
  readonly sessions: SessionStore;
  readonly objects: ObjectStores;
  readonly slots: WorkSlots;
  readonly limits: ApiLimits;
  readonly logger: Logger;
  /** Runs work that outlives its request; `close()` stops it and waits for it. */
  readonly inBackground: (
    name: string,
    work: (options: { readonly signal: AbortSignal }) => Promise<void>,
  ) => void;
  /** The present moment; tests move it. */
  readonly now: () => Date;
}
