import { describe, expect, it } from "vitest";
import { expectProblem } from "./support/bad-requests/site.js";
import { photo } from "./support/pictures.js";
import { useApi } from "./support/use-api.js";

const api = useApi();

const points = [{ x: 5, y: 5, label: 1 }];

describe("bounded work", () => {
  it("503 with Retry-After when all places are taken; the work that has a place goes on", async () => {
    const { caller } = await api.serve({ concurrency: { maxRunning: 1, maxWaiting: 0 } });
    const own = new Blob([new Uint8Array(await photo(61, 47))]);
    const { session_id } = await caller.json(caller.upload("/upload", own));
    let open = () => {};
    api.watched.gate = new Promise((resolve) => {
      open = resolve;
    });
    const demo = await caller.postJson("/api/demo-sessions", { demo_type: "image_segmentation" });
    await caller.json(caller.upload(`/api/sessions/${demo.session_id}/upload`, own));
    const first = caller.post("/segment", { session_id, points });
    await expect.poll(() => api.watched.held).toBe(1);
    const paint = { mask_id: 0, color: "#FF0000" };
    const image_data = Buffer.from(await own.arrayBuffer()).toString("base64");
    const requests: Readonly<Record<string, object>> = {
      "/segment": { session_id, points },
      "/generate-masks": { session_id },
      "/generate-masks-advanced": { session_id },
      "/generate-masks-cached": { session_id },
      "/generate-mask-at-point-cached": { session_id, point: [5, 5] },
      "/get-embedding": { session_id },
      "/paint-mask": { session_id, ...paint },
      "/paint-multiple-masks": { session_id, masks: [paint] },
      "/download-image": { session_id },
      "/download-painted-image": { session_id, ...paint },
      "/api/image-segmentation": { session_id: demo.session_id },
      "/api/segmentation/sam2": { image_data, image_type: "L3", patient_id: "a patient" },
    };
    for (const [path, request] of Object.entries(requests)) {
      const refused = await caller.post(path, request);
      expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(0);
      expect(await expectProblem(refused, 503)).toMatchObject({ code: "OVERLOADED" });
    }
    // What needs no model is answered meanwhile.
    expect((await caller.fetch("GET", "/health")).status).toBe(200);
    api.watched.gate = undefined;
    open();
    expect((await first).status).toBe(200);
  });

  it("504 when the time is over, 499 for nobody when the client leaves: both stop the work", async () => {
    const { caller, host } = await api.serve({ timeoutsMs: { painterSegment: 1500 } });
    const own = new Blob([new Uint8Array(await photo(62, 46))]);
    const { session_id } = await caller.json(caller.upload("/upload", own));
    api.watched.gate = new Promise(() => {});
    const stopped = api.watched.stopped;
    const late = await caller.post("/segment", { session_id, points });
    expect(await expectProblem(late, 504)).toMatchObject({ code: "TIMEOUT" });
    await expect.poll(() => api.watched.stopped).toBe(stopped + 1);
    const leaving = new AbortController();
    const left = fetch(`${host.url}/get-embedding`, {
      method: "POST",
      signal: leaving.signal,
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ session_id }),
    }).catch(() => undefined);
    await expect.poll(() => api.watched.held).toBe(1);
    leaving.abort();
    await left;
    await expect.poll(() => api.watched.stopped).toBe(stopped + 2);
  });

  it("many requests at once never cross", async () => {
    const { caller } = await api.serve();
    const sizes = [40, 44, 48, 52, 56, 60];
    await Promise.all(
      sizes.map(async (side) => {
        const own = new Blob([new Uint8Array(await photo(side, side - 8))]);
        const { session_id } = await caller.json(caller.upload("/upload", own));
        const answer = await caller.postJson("/segment", { session_id, points: [{ x: side / 2, y: 12 }] });
        expect(answer.session_id).toBe(session_id);
        const session = await caller.getJson(`/session/${session_id}`);
        expect([session.width, session.height]).toEqual([side, side - 8]);
        expect(Object.keys(session.stored_masks)).toHaveLength(answer.total_masks);
      }),
    );
  });
});
