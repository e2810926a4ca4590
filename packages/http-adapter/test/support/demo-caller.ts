import { createSegmentationApi, type SegmentationApi } from "@maskery/http-adapter";
import { Caller } from "./caller.js";
import { mounts, type RunningHost } from "./mounts.js";
import type { WatchedSegmenter } from "./watched-segmenter.js";

type Options = Parameters<typeof createSegmentationApi>[0];
// biome-ignore lint/suspicious/noExplicitAny: tests read members of answers and compare them
type Answer = any;

/** What the status endpoint says. */
export interface Told {
  readonly status: string;
  readonly progress: number;
  readonly message: string;
}

export interface RunningDemo {
  readonly api: SegmentationApi;
  readonly host: RunningHost;
  readonly demo: DemoCaller;
  close(): Promise<void>;
}

/** The demo on a real socket. Fewer clicks, and more time than the document gives: the machine may be busy. */
export async function serveDemo(
  { segmenter }: WatchedSegmenter,
  options: Partial<Options> = {},
  mount = "node",
  path = "",
): Promise<RunningDemo> {
  const demoOptions = { pointsPerSide: 6, processingTimeoutMs: 110_000, ...options.apis?.demo };
  const api = createSegmentationApi({ segmenter, ...options, apis: { ...options.apis, demo: demoOptions } });
  const host = await mounts[mount]!(api, path);
  const close = async () => {
    await host.close();
    await api.close();
  };
  return { api, host, demo: new DemoCaller(host.url, api), close };
}

/** A client of the demo, as its document describes one. */
export class DemoCaller extends Caller {
  async newSession(): Promise<string> {
    const { session_id } = await this.postJson("/api/demo-sessions", { demo_type: "image_segmentation" });
    return session_id;
  }

  uploadTo(sessionId: string, picture: Uint8Array, name = "photo.jpg", fields: Record<string, string> = {}) {
    const file = new Blob([new Uint8Array(picture)]);
    return this.upload(`/api/sessions/${sessionId}/upload`, file, name, fields);
  }

  start(sessionId: string): Promise<Response> {
    return this.post("/api/image-segmentation", { session_id: sessionId });
  }

  status(sessionId: string): Promise<Told> {
    return this.getJson(`/api/sessions/${sessionId}/status`);
  }

  results(sessionId: string): Promise<Answer> {
    return this.getJson(`/api/sessions/${sessionId}/results`);
  }

  /** Everything that the status endpoint said until the work was over. */
  async untilOver(sessionId: string): Promise<Told[]> {
    const told: Told[] = [];
    for (;;) {
      const status = await this.status(sessionId);
      told.push(status);
      if (status.status !== "processing") return told;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  /** A new session with this picture, whose work has begun. */
  async begin(picture: Uint8Array, name?: string): Promise<string> {
    const sessionId = await this.newSession();
    await this.json(this.uploadTo(sessionId, picture, name));
    await this.json(this.start(sessionId));
    return sessionId;
  }

  /** Uploads, segments, and waits for the end. */
  async process(picture: Uint8Array, name?: string) {
    const sessionId = await this.begin(picture, name);
    const told = await this.untilOver(sessionId);
    return { sessionId, told, last: told.at(-1)! };
  }
}
