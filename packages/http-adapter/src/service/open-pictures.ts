import {
  type CallOptions,
  MaskeryError,
  type Session,
  throwIfAborted,
  waitUnlessAborted,
} from "@maskery/core";
import { LRUCache } from "lru-cache";
import type { ObjectStore, StoredObject } from "../stores/object-store.js";
import type { ModelAccess } from "./model-access.js";

/** Pictures that stay open between requests. Each holds one embedding. */
const MAX_OPEN_PICTURES = 16;

interface OpenPicture {
  readonly session: Promise<Session>;
  users: number;
  /** Whether it left the list while it was used; its last user closes it. */
  dropped: boolean;
}

/**
 * Keeps the pictures of recent requests open, so that a click costs one run of the decoder: no file is read, hashed or
 * encoded again.
 */
export class OpenPictures {
  readonly #model: ModelAccess;
  readonly #open: LRUCache<string, OpenPicture>;

  constructor(model: ModelAccess, maxOpen = MAX_OPEN_PICTURES) {
    this.#model = model;
    this.#open = new LRUCache({ max: maxOpen, dispose: (picture) => drop(picture) });
  }

  get size(): number {
    return this.#open.size;
  }

  /**
   * Works with the picture that is stored under `key`. It stays open afterwards.
   * @throws MaskeryError `NOT_FOUND` when the store has no such object; what opening and `work` throw.
   */
  async with<T>(
    store: ObjectStore,
    key: string,
    work: (session: Session) => Promise<T>,
    options: CallOptions = {},
  ): Promise<T> {
    throwIfAborted(options.signal);
    const name = `${store.name}:${key}`;
    const picture = this.#open.get(name) ?? this.#begin(name, store, key);
    picture.users++;
    try {
      // Opening is shared by all who wait for it, so one request's signal ends only its own waiting.
      return await work(await waitUnlessAborted(picture.session, options.signal));
    } finally {
      picture.users--;
      if (picture.dropped) drop(picture);
    }
  }

  /** Closes a picture whose file is gone. */
  forget(store: ObjectStore, key: string): void {
    this.#open.delete(`${store.name}:${key}`);
  }

  clear(): void {
    this.#open.clear();
  }

  #begin(name: string, store: ObjectStore, key: string): OpenPicture {
    const picture: OpenPicture = { session: this.#read(store, key), users: 0, dropped: false };
    this.#open.set(name, picture);
    picture.session.catch(() => {
      if (this.#open.peek(name) === picture) this.#open.delete(name);
    });
    return picture;
  }

  async #read(store: ObjectStore, key: string): Promise<Session> {
    const segmenter = await this.#model.get();
    const object: StoredObject | undefined = await store.get(key);
    if (!object) throw new MaskeryError("NOT_FOUND", "The picture's file is gone.");
    return segmenter.open(object.stream());
  }
}

function drop(picture: OpenPicture): void {
  picture.dropped = true;
  if (picture.users > 0) return;
  picture.session.then(
    (session) => session.dispose(),
    () => undefined,
  );
}
