import { expect, test } from "vitest";
import type { Services } from "../../service/services.js";
import { createMemorySessionStore } from "../../stores/memory-session-store.js";
import { painterSessions } from "./painter-sessions.js";
import { SessionCounts } from "./session-counts.js";

const picture = {
  uploadKey: "painter/a.png",
  filename: "a.png",
  imageHash: "00",
  bytes: 10,
  width: 2,
  height: 1,
  downloadTag: "image-a",
  nextMaskId: 0,
  masks: {},
};

test("regression: health checks do not read every session anew, and no count is stale", async () => {
  const store = createMemorySessionStore();
  let reads = 0;
  let moment = 0;
  const counting = {
    ...store,
    list: (api: string) => {
      reads += 1;
      return store.list(api);
    },
  };
  const services = { sessions: counting, now: () => new Date(moment) } as unknown as Services;
  const sessions = painterSessions(10_000);
  const counts = new SessionCounts(sessions);
  const create = () => sessions.create(services, picture);

  const { id } = await create();
  for (let check = 0; check < 50; check += 1) expect((await counts.read(services)).sessions).toBe(1);
  expect(reads).toBe(1);

  await create();
  expect((await counts.read(services)).sessions).toBe(2);
  await sessions.update(services, id, (data) => data);
  await counts.read(services);
  expect(reads).toBe(3);
  // What another process changed is seen after a second, and so is a session's end.
  await store.delete("painter", id);
  moment = 1_000;
  expect((await counts.read(services)).sessions).toBe(1);
  moment = 10_000;
  expect((await counts.read(services)).sessions).toBe(0);
});
