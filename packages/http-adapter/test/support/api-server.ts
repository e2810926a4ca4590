import { createSegmentationApi, type SegmentationApi } from "@maskery/http-adapter";
import { Caller } from "./caller.js";
import { mounts, type RunningHost } from "./mounts.js";
import { type WatchedCalls, watchCalls } from "./watch-calls.js";
import type { WatchedSegmenter } from "./watched-segmenter.js";

export interface ApiServer {
  readonly api: SegmentationApi;
  readonly host: RunningHost;
  readonly caller: Caller;
  readonly calls: WatchedCalls;
  close(): Promise<void>;
}

/** The API with a real model behind it, on a real socket. */
export async function serveApi(
  { segmenter }: WatchedSegmenter,
  options: Partial<Parameters<typeof createSegmentationApi>[0]> = {},
  mount: keyof typeof mounts = "node",
  path = "",
): Promise<ApiServer> {
  const api = createSegmentationApi({ segmenter, ...options });
  const calls = watchCalls(api);
  const host = await mounts[mount]!(calls.api, path);
  const close = async () => {
    await host.close();
    await api.close();
  };
  return { api, host, calls, caller: new Caller(host.url, api), close };
}
