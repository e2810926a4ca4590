import { randomUUID } from "node:crypto";
import { type ImageFormat, MaskeryError } from "@maskery/core";
import { z } from "zod";
import { problemSchema } from "../../http/problem.js";
import { defineRoute, json, type RouteContext } from "../../http/route.js";
import { ApiSessions } from "../../service/api-sessions.js";
import { fileLink } from "../../service/links.js";
import { sendObject } from "../../service/send-object.js";
import type { Services } from "../../service/services.js";
import { sweepFiles } from "../../service/sweep-files.js";
import { harmlessName, uploadPicture } from "../../service/uploads.js";
import type { ApiModule } from "../api-module.js";
import {
  createSessionSchema,
  type DemoSessionData,
  demoSessionSchema,
  resultsSchema,
  sessionDataSchema,
  startedTaskSchema,
  startTaskSchema,
  taskStatusSchema,
  uploadedFileSchema,
  uploadFormSchema,
} from "./demo-schemas.js";
import { DemoTasks } from "./demo-task.js";

export interface DemoOptions {
  /** Milliseconds that a session and its files live. Default one hour. */
  readonly sessionLifetimeMs?: number;
  /** Milliseconds that one task may take. Default 30,000, as documented. */
  readonly processingTimeoutMs?: number;
  /** Clicks along each side of the picture, for models that know no classes. More find smaller things and take longer. Default 16. */
  readonly pointsPerSide?: number;
}

const formats: readonly ImageFormat[] = ["jpeg", "png", "webp", "tiff", "bmp", "gif"];
const tag = "demo";
const FILES_PATH = "/api/files";

const sessionParams = z.object({ session_id: z.string() });
const problem = (description: string) => ({ description, schema: problemSchema });

/** Sessions, upload, a task with progress, results with segments and a description: `demo.md`. */
export function demoApi(options: DemoOptions & { readonly prefix?: string } = {}): ApiModule {
  const prefix = options.prefix ?? "";
  const lifetimeMs = options.sessionLifetimeMs ?? 60 * 60 * 1000;
  const sessions = new ApiSessions({
    api: "demo",
    lifetimeMs,
    schema: sessionDataSchema,
    discard: async ({ id, data }, services) => {
      tasks.stop(id, data.task?.id);
      await discardFiles(data, services);
    },
  });
  const tasks = new DemoTasks(sessions, options.processingTimeoutMs ?? 30_000, options.pointsPerSide);
  let lastNumber = 0;

  const createSession = defineRoute(
    {
      method: "POST",
      path: "/api/demo-sessions",
      operationId: "createDemoSession",
      summary: "Begin a session",
      tag,
      timeoutMs: 10_000,
      body: { kind: "json", schema: createSessionSchema, example: { demo_type: "image_segmentation" } },
      responses: {
        200: { description: "The session.", schema: demoSessionSchema },
        400: problem("Not a demo of this server."),
        413: problem("The request is too large."),
        415: problem("No JSON."),
      },
    },
    async ({ body, services }) => {
      lastNumber = Math.max(lastNumber + 1, services.now().getTime() % 2 ** 31);
      const session = await sessions.create(services, { number: lastNumber, demoType: body.demo_type });
      return json({
        id: session.data.number,
        session_id: session.id,
        demo_type: session.data.demoType,
        created_at: session.createdAt.toISOString(),
      });
    },
  );

  const upload = defineRoute(
    {
      method: "POST",
      path: "/api/sessions/{session_id}/upload",
      operationId: "uploadDemoFile",
      summary: "Upload the picture of a session",
      tag,
      timeoutMs: 60_000,
      params: sessionParams,
      body: { kind: "multipart", schema: uploadFormSchema },
      responses: {
        200: { description: "The stored file.", schema: uploadedFileSchema },
        400: problem("No whole picture."),
        404: problem("No such session."),
        410: problem("The session has ended."),
        413: problem("The file or the picture is too large."),
        415: problem("No multipart form, or no picture of a supported format."),
        503: problem("The server cannot read pictures now."),
        504: problem("The upload took too long."),
        507: problem("The server could not store the file."),
      },
    },
    async ({ params, request, services, signal, baseUrl }) => {
      const session = await sessions.get(services, params.session_id);
      const { file, fields } = await uploadPicture(request, services, { folder: "demo", formats, signal });
      const filename = harmlessName(fields.get("name") ?? file.filename, file.key.split(".").at(-1)!);
      const uploadedAt = services.now().toISOString();
      let before: DemoSessionData | undefined;
      await sessions
        .update(services, session.id, (data) => {
          before = data;
          const { id: fileId, key, sha256, width, height } = file;
          const upload = { fileId, key, sha256, filename, width, height, uploadedAt };
          return { ...data, upload, task: undefined };
        })
        .catch(async (error: unknown) => {
          await services.objects.uploads.delete(file.key);
          throw error;
        });
      // The work on the picture before is of no use any more.
      tasks.stop(session.id, before?.task?.id);
      if (before) await discardFiles(before, services);
      return json({
        file_id: file.id,
        filename,
        url: fileLink(baseUrl, `${prefix}${FILES_PATH}`, file.key.slice("demo/".length)),
        uploaded_at: uploadedAt,
      });
    },
  );

  const startTask = defineRoute(
    {
      method: "POST",
      path: "/api/image-segmentation",
      operationId: "startDemoSegmentation",
      summary: "Segment the session's picture",
      tag,
      timeoutMs: 10_000,
      body: {
        kind: "json",
        schema: startTaskSchema,
        example: { session_id: "3f0c8f6e-2f1e-4c57-9d0c-0d8f3c1b2a4e" },
      },
      responses: {
        200: { description: "The work has begun.", schema: startedTaskSchema },
        400: problem("The session has no picture yet."),
        404: problem("No such session."),
        409: problem("The session's picture is being segmented already."),
        410: problem("The session has ended."),
        413: problem("The request is too large."),
        415: problem("No JSON."),
        503: problem("The server works on as many pictures as it can; Retry-After says when to come again."),
      },
    },
    async ({ body, services }) => {
      const taskId = randomUUID();
      // Better said now than found in the status later.
      services.slots.throwIfFull();
      let chosen: DemoSessionData["upload"];
      let outdated: string | undefined;
      const session = await sessions.update(services, body.session_id, (data) => {
        if (!data.upload)
          throw new MaskeryError(
            "INVALID_INPUT",
            "session_id: expected a session with an uploaded picture, received one without",
            { field: "session_id" },
          );
        if (data.task?.status === "processing" && tasks.isRunning(body.session_id, data.task.id))
          throw new MaskeryError(
            "CONFLICT",
            "session_id: the session's picture is being segmented already.",
            { field: "session_id" },
          );
        chosen = data.upload;
        outdated = data.task?.outputKey;
        return {
          ...data,
          task: { id: taskId, status: "processing", progress: 0, message: "Waiting for a place" },
        };
      });
      tasks.begin(services, session.id, taskId, chosen!);
      if (outdated) await services.objects.results.delete(outdated);
      return json({ task_id: taskId, status: "processing", message: "Image segmentation started" });
    },
  );

  const status = defineRoute(
    {
      method: "GET",
      path: "/api/sessions/{session_id}/status",
      operationId: "demoSessionStatus",
      summary: "How far the work is",
      tag,
      timeoutMs: 10_000,
      params: sessionParams,
      responses: {
        200: { description: "The state of the work.", schema: taskStatusSchema },
        404: problem("No such session."),
        410: problem("The session has ended."),
      },
    },
    async ({ params, services }) => {
      const { data, id } = await sessions.get(services, params.session_id);
      if (!data.task) {
        const message = data.upload ? "Waiting for segmentation to be started" : "Waiting for an image";
        return json({ status: "processing", progress: 0, message });
      }
      const { status: state, progress, message } = data.task;
      // A server that was restarted has lost the work, and must not let a client wait for ever.
      if (state === "processing" && !tasks.isRunning(id, data.task.id))
        return json({
          status: "failed",
          progress,
          message: "The work was interrupted; please start it again.",
        });
      return json({ status: state, progress, message });
    },
  );

  const results = defineRoute(
    {
      method: "GET",
      path: "/api/sessions/{session_id}/results",
      operationId: "demoSessionResults",
      summary: "Segments, pictures and description",
      tag,
      timeoutMs: 10_000,
      params: sessionParams,
      responses: {
        200: { description: "The results.", schema: resultsSchema },
        404: problem("No such session."),
        409: problem("The work is not done, or it failed."),
        410: problem("The session has ended."),
      },
    },
    async ({ params, services, baseUrl }) => {
      const { data } = await sessions.get(services, params.session_id);
      const { task, upload: stored } = data;
      if (!stored || !task?.results || !task.outputKey)
        throw new MaskeryError(
          "CONFLICT",
          `session_id: expected a session whose work is completed, received one whose work is ${task?.status ?? "not begun"}`,
          { field: "session_id" },
        );
      const link = (key: string) => fileLink(baseUrl, `${prefix}${FILES_PATH}`, key.slice("demo/".length));
      return json({
        input_image_url: link(stored.key),
        output_image_url: link(task.outputKey),
        ...task.results,
      });
    },
  );

  const file = defineRoute(
    {
      method: "GET",
      path: `${FILES_PATH}/{file_name}`,
      operationId: "demoFile",
      summary: "An uploaded picture or a result, by the link that was given for it",
      tag,
      timeoutMs: 30_000,
      params: z.object({ file_name: z.string() }),
      responses: {
        200: { description: "The picture.", contentTypes: ["image/jpeg", "image/png", "image/webp"] },
        404: problem("No such file."),
      },
    },
    async ({ params, request, services, signal }: RouteContext & { params: { file_name: string } }) =>
      sendObject([services.objects.uploads, services.objects.results], `demo/${params.file_name}`, request, {
        signal,
      }),
  );

  return {
    name: "demo",
    title: "Image segmentation demo",
    routes: [createSession, upload, startTask, status, results, file],
    async sweep(services) {
      await sessions.sweep(services);
      for (const store of [services.objects.uploads, services.objects.results])
        await sweepFiles(store, "demo/", lifetimeMs, services.now());
    },
  };
}

async function discardFiles({ upload, task }: DemoSessionData, services: Services): Promise<void> {
  if (upload) {
    await services.objects.uploads.delete(upload.key);
    services.pictures.forget(services.objects.uploads, upload.key);
  }
  if (task?.outputKey) await services.objects.results.delete(task.outputKey);
}
