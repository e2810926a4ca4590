import type { SegmentationApi } from "@maskery/http-adapter";
import { DocumentedAnswers } from "./documented-answers.js";

// biome-ignore lint/suspicious/noExplicitAny: tests read members of answers and compare them
type Answer = any;

/** A client over a real socket. Every answer is held against the API's OpenAPI document. */
export class Caller {
  readonly url: string;
  readonly answers: DocumentedAnswers;

  constructor(url: string, api: SegmentationApi) {
    this.url = url;
    this.answers = new DocumentedAnswers(api);
  }

  async fetch(method: string, path: string, init: RequestInit = {}): Promise<Response> {
    const answer = await fetch(`${this.url}${path}`, { ...init, method });
    await this.answers.check(method, path, answer);
    return answer;
  }

  post(path: string, body: unknown, init: RequestInit = {}): Promise<Response> {
    return this.fetch("POST", path, {
      ...init,
      headers: { "content-type": "application/json", ...init.headers },
      body: JSON.stringify(body),
    });
  }

  /** The answer's JSON; fails with its text when it is none of 200. */
  async json(answer: Response | Promise<Response>): Promise<Answer> {
    const came = await answer;
    const text = await came.text();
    if (came.status !== 200) throw new Error(`expected 200, received ${came.status}: ${text}`);
    return JSON.parse(text);
  }

  async postJson(path: string, body: unknown): Promise<Answer> {
    return this.json(this.post(path, body));
  }

  async getJson(path: string): Promise<Answer> {
    return this.json(this.fetch("GET", path));
  }

  upload(path: string, file: Blob | undefined, name = "photo.jpg", fields: Record<string, string> = {}) {
    const form = new FormData();
    for (const [field, value] of Object.entries(fields)) form.set(field, value);
    if (file) form.set("file", file, name);
    return this.fetch("POST", path, { body: form });
  }
}
