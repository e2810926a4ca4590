import { MaskeryError } from "@maskery/core";
import { checkKeyPart } from "./object-key.js";
import type { SessionRecord, SessionStore } from "./session-store.js";

/** Keeps sessions in this process. */
export function createMemorySessionStore(): SessionStore {
  const records = new Map<string, SessionRecord>();
  const keyOf = (api: string, id: string) => `${checkKeyPart(api, "api")}/${checkKeyPart(id, "id")}`;
  return {
    contractVersion: 1,
    name: "memory",
    async create(record) {
      const key = keyOf(record.api, record.id);
      if (records.has(key))
        throw new MaskeryError("CONFLICT", "id: expected a new one, received one that is taken", {
          field: "id",
        });
      records.set(key, structuredClone(record));
    },
    async get(api, id) {
      const record = records.get(keyOf(api, id));
      return record && structuredClone(record);
    },
    async update(api, id, change) {
      const key = keyOf(api, id);
      const record = records.get(key);
      if (!record) return undefined;
      const changed = structuredClone({ ...record, ...change(structuredClone(record)) });
      records.set(key, changed);
      return structuredClone(changed);
    },
    async delete(api, id) {
      return records.delete(keyOf(api, id));
    },
    async list(api) {
      return [...records.values()]
        .filter((record) => record.api === api)
        .sort((first, second) => first.createdAt.getTime() - second.createdAt.getTime())
        .map((record) => structuredClone(record));
    },
    async dispose() {
      records.clear();
    },
  };
}
