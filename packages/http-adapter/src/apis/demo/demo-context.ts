import type { ImageFormat } from "@maskery/core";
import { z } from "zod";
import { problemSchema } from "../../http/problem.js";
import { fileLink } from "../../service/links.js";
import type { DemoSessions } from "./demo-sessions.js";
import type { DemoTasks } from "./demo-task.js";

/** What the demo's routes share. */
export interface DemoContext {
  readonly sessions: DemoSessions;
  readonly tasks: DemoTasks;
  /** Path put before the documented ones. */
  readonly prefix: string;
}

export const tag = "demo";
export const FILES_PATH = "/api/files";
export const sessionParams = z.object({ session_id: z.string() });
export const formats: readonly ImageFormat[] = ["jpeg", "png", "webp", "tiff", "bmp", "gif"];

/** Milliseconds for requests that neither carry nor send a file. */
export const SHORT_TIMEOUT_MS = 10_000;

/** A refusal, for the documentation. */
export const problem = (description: string) => ({ description, schema: problemSchema });

/** Address of a stored file of the demo. */
export function demoFileLink(baseUrl: string, { prefix }: DemoContext, key: string): string {
  return fileLink(baseUrl, `${prefix}${FILES_PATH}`, key.slice("demo/".length));
}
