import { afterAll, afterEach, beforeAll } from "vitest";
import { type ApiServer, serveApi } from "./api-server.js";
import { createWatchedSegmenter, type WatchedSegmenter } from "./watched-segmenter.js";

type ServeArguments = Parameters<typeof serveApi> extends [unknown, ...infer Rest] ? Rest : never;

export interface UsedApi {
  /** There from the first test on. */
  readonly watched: WatchedSegmenter;
  /** Starts a server that ends with the test. */
  serve(...args: ServeArguments): Promise<ApiServer>;
}

/** For the top of a test file: one model for all of its tests, servers for each. */
export function useApi(): UsedApi {
  const closers: (() => Promise<void>)[] = [];
  let watched: WatchedSegmenter;
  beforeAll(async () => {
    watched = await createWatchedSegmenter();
  });
  afterAll(() => watched.segmenter.dispose());
  afterEach(async () => {
    watched.gate = undefined;
    watched.failure = undefined;
    for (const close of closers.splice(0)) await close();
  });
  return {
    get watched() {
      return watched;
    },
    async serve(...args) {
      const server = await serveApi(watched, ...args);
      closers.push(server.close);
      return server;
    },
  };
}
