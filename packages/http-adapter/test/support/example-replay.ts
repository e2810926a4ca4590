import { readFile } from "node:fs/promises";
import type { SegmentationApi } from "@maskery/http-adapter";
import { expect } from "vitest";
import { Caller } from "./caller.js";

// biome-ignore lint/suspicious/noExplicitAny: a document and answers whose members are read
type Any = any;

const photo = new URL("../../../../examples/photos/coffee.png", import.meta.url);

/** All operations of the document. */
export function operationsOf(
  api: SegmentationApi,
): { readonly method: string; readonly path: string; readonly operation: Any }[] {
  return Object.entries(api.openapi.paths as Any).flatMap(([path, item]: [string, Any]) =>
    Object.entries(item).map(([method, operation]) => ({ method: method.toUpperCase(), path, operation })),
  );
}

/** Sends the examples of the document as a client would who read nothing else. */
export class ExampleReplay {
  /** What the server gave earlier takes the place of the made-up values. */
  readonly known: Record<string, string> = {};
  maskIds: readonly number[] = [];
  /** Operations that were sent, and answered as documented. */
  readonly sent = new Set<string>();
  readonly #api: SegmentationApi;
  readonly #caller: Caller;

  constructor(api: SegmentationApi, url: string) {
    this.#api = api;
    this.#caller = new Caller(url, api);
  }

  /** Sends one operation's example; the answer is held against the document. @returns Its JSON, or its bytes. */
  async send(operationId: string): Promise<Any> {
    const found = operationsOf(this.#api).find(({ operation }) => operation.operationId === operationId);
    expect(found, operationId).toBeDefined();
    const { method, path: template, operation } = found!;
    const path = template.replaceAll(/\{(\w+)\}/g, (_whole, name: string) => {
      expect(this.known[name], `${operationId} needs a ${name}`).toBeDefined();
      return encodeURIComponent(this.known[name]!);
    });
    const [type, body] = (Object.entries(operation.requestBody?.content ?? {})[0] ?? []) as [string?, Any?];
    const init: RequestInit = {};
    if (type === "multipart/form-data") init.body = await form(body.example);
    else if (type !== undefined) {
      init.headers = { "content-type": type };
      init.body = JSON.stringify(this.#inPlace(body.example));
    }
    const answer = await this.#caller.fetch(method, path, init);
    expect(answer.status, `${operationId}: ${await answer.clone().text()}`).toBe(200);
    this.sent.add(operationId);
    return answer.headers.get("content-type")?.includes("json") ? answer.json() : answer.arrayBuffer();
  }

  #inPlace(value: Any, name = ""): Any {
    if (Array.isArray(value))
      return value.map((entry) => this.#inPlace(entry, name === "mask_ids" ? "mask_id" : ""));
    if (typeof value === "object" && value !== null)
      return Object.fromEntries(
        Object.entries(value).map(([key, entry]) => [key, this.#inPlace(entry, key)]),
      );
    if (name === "mask_id") return this.maskIds[value % this.maskIds.length];
    return this.known[name] ?? value;
  }
}

async function form(example: Readonly<Record<string, string>>): Promise<FormData> {
  const made = new FormData();
  const content = await readFile(photo);
  for (const [name, value] of Object.entries(example))
    made.set(name, name === "file" ? new File([content], value) : value);
  return made;
}
