import { randomUUID } from "node:crypto";
import { MaskeryError, Picture } from "@maskery/core";
import { z } from "zod";
import { problems } from "../../../http/problem.js";
import { defineRoute, json, type Route } from "../../../http/route.js";
import type { ApiSession } from "../../../service/api-sessions.js";
import { readPixels } from "../../../service/picture-pixels.js";
import { sendObject } from "../../../service/send-object.js";
import type { Services } from "../../../service/services.js";
import type { ObjectInfo } from "../../../stores/object-store.js";
import { downloadAnswerSchema, downloadsAnswerSchema } from "../painter-answers.js";
import { type PainterContext, tag, timeouts } from "../painter-context.js";
import { downloadPaintedRequestSchema, downloadRequestSchema } from "../painter-requests.js";
import { DOWNLOAD_PREFIX, type PainterData, timestamp } from "../painter-sessions.js";
import { paintSession } from "./paint.js";

type Format = "PNG" | "JPG";

const contentTypes = { PNG: "image/png", JPG: "image/jpeg" } as const;
const sessionExample = { session_id: "3f0c8f6e-2f1e-4c57-9d0c-0d8f3c1b2a4e" };

export function downloadRoutes({ sessions, prefix }: PainterContext): Route[] {
  const shared = {
    method: "POST",
    tag,
    timeoutMs: timeouts.download,
    weight: "model",
    responses: {
      200: { description: "Where the file can be fetched.", schema: downloadAnswerSchema },
      ...problems(400, 404, 410, 413, 415, 503, 504, 507),
    },
  } as const;
  return [
    defineRoute(
      {
        ...shared,
        path: "/download-image",
        operationId: "painterDownloadImage",
        summary: "Download original image in specified format",
        body: {
          kind: "json",
          schema: downloadRequestSchema,
          example: { ...sessionExample, format: "JPG", quality: 95 },
        },
      },
      async ({ body, services, signal, baseUrl }) => {
        const session = await sessions.get(services, body.session_id);
        const pixels = await readPixels(services, session.data.uploadKey, { signal });
        const picture = new Picture(pixels, await services.platform({ signal }));
        const bytes = await picture.encode({ ...encoding(body), signal });
        return json(await keep(session, bytes, body.format, baseUrl, services, signal));
      },
    ),
    defineRoute(
      {
        ...shared,
        path: "/download-painted-image",
        operationId: "painterDownloadPaintedImage",
        summary: "Download painted image in specified format",
        body: {
          kind: "json",
          schema: downloadPaintedRequestSchema,
          maxBytes: 16 * 1024 * 1024,
          example: {
            ...sessionExample,
            mask_id: 5,
            color: "#FF0000",
            opacity: 0.7,
            format: "JPG",
            quality: 90,
          },
        },
      },
      async ({ body, services, signal, baseUrl }) => {
        const session = await sessions.get(services, body.session_id);
        const painted = await paintSession(session, [body], services, signal, () => "");
        const bytes = await painted.encode({ ...encoding(body), signal });
        return json(await keep(session, bytes, body.format, baseUrl, services, signal));
      },
    ),
    defineRoute(
      {
        method: "GET",
        path: "/download-file/{filename}",
        operationId: "painterDownloadFile",
        summary: "Download specific file from server",
        tag,
        timeoutMs: timeouts.download,
        params: z.object({ filename: z.string() }),
        responses: {
          200: { description: "The file.", contentTypes: Object.values(contentTypes) },
          ...problems(404),
        },
      },
      ({ params: { filename }, request, services, signal }) => {
        // Other APIs keep their results in the same store.
        const stores = filename.startsWith(DOWNLOAD_PREFIX) ? [services.objects.results] : [];
        return sendObject(stores, filename, request, { signal, downloadName: filename });
      },
    ),
    defineRoute(
      {
        method: "GET",
        path: "/list-downloads",
        operationId: "painterListDownloads",
        summary: "List all available downloads",
        tag,
        timeoutMs: timeouts.other,
        responses: { 200: { description: "The files, oldest first.", schema: downloadsAnswerSchema } },
      },
      async ({ services, baseUrl }) => {
        const objects = (await services.objects.results.list(DOWNLOAD_PREFIX)).filter(
          ({ key }) => formatOf(key) !== undefined,
        );
        return json({ downloads: objects.map((object) => listed(object, baseUrl)), total: objects.length });
      },
    ),
  ];

  async function keep(
    session: ApiSession<PainterData>,
    bytes: Uint8Array,
    format: Format,
    baseUrl: string,
    services: Services,
    signal: AbortSignal,
  ) {
    const filename = `${session.data.downloadTag}-${randomUUID().slice(0, 8)}.${format.toLowerCase()}`;
    const stored = await services.objects.results.put(filename, bytes, {
      contentType: contentTypes[format],
      signal,
    });
    // A session that ended in the meantime took its files along, all but this one.
    if (!(await sessions.has(services, session.id))) {
      await services.objects.results.delete(filename);
      throw new MaskeryError("EXPIRED", "session_id: this session has ended.", { field: "session_id" });
    }
    return {
      session_id: session.id,
      image_url: pathOf(filename, baseUrl),
      filename,
      format,
      size_bytes: stored.bytes,
    };
  }

  function listed({ key, bytes, createdAt }: ObjectInfo, baseUrl: string) {
    return {
      filename: key,
      size_bytes: bytes,
      format: formatOf(key)!,
      created_at: timestamp(createdAt),
      download_url: pathOf(key, baseUrl),
    };
  }

  /** A path, as documented: clients put the server's address before it. */
  function pathOf(filename: string, baseUrl: string): string {
    return `${new URL(baseUrl).pathname.replace(/\/+$/, "")}${prefix}/download-file/${filename}`;
  }
}

function encoding({ format, quality }: { readonly format: Format; readonly quality: number }) {
  return format === "PNG" ? ({ format: "png" } as const) : ({ format: "jpeg", quality } as const);
}

function formatOf(key: string): Format | undefined {
  if (key.endsWith(".png")) return "PNG";
  return key.endsWith(".jpg") ? "JPG" : undefined;
}
