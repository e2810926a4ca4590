import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describeCacheStore } from "@maskery/core/testing";
import { afterAll } from "vitest";
import { createFileCacheStore } from "./file-cache-store.js";

const folders: string[] = [];

afterAll(async () => {
  await Promise.all(folders.map((folder) => rm(folder, { recursive: true, force: true })));
});

describeCacheStore("files", async (settings) => {
  const folder = await mkdtemp(join(tmpdir(), "maskery-cache-"));
  folders.push(folder);
  // Does not exist yet: the store makes it when it first writes.
  return createFileCacheStore({ directory: join(folder, "made", "later"), ...settings });
});
