import { randomUUID } from "node:crypto";
import type { ImageFormat } from "@maskery/core";
import { problems } from "../../../http/problem.js";
import { defineRoute, json, type Route } from "../../../http/route.js";
import { uploadPicture } from "../../../service/uploads.js";
import { uploadAnswerSchema } from "../painter-answers.js";
import { type PainterContext, tag, timeouts } from "../painter-context.js";
import { uploadFormSchema } from "../painter-requests.js";
import { DOWNLOAD_PREFIX, timestamp, UPLOAD_FOLDER } from "../painter-sessions.js";
import { checkClaims } from "../upload-claims.js";

const formats: readonly ImageFormat[] = ["jpeg", "png", "bmp", "tiff"];

export function uploadRoute({ sessions }: PainterContext): Route {
  return defineRoute(
    {
      method: "POST",
      path: "/upload",
      operationId: "painterUpload",
      summary: "Upload an image and create a session",
      tag,
      timeoutMs: timeouts.upload,
      body: { kind: "multipart", schema: uploadFormSchema },
      responses: {
        200: { description: "The session.", schema: uploadAnswerSchema },
        ...problems(400, 413, 415, 503, 504, 507),
      },
    },
    async ({ request, services, signal }) => {
      const { file } = await uploadPicture(request, services, {
        folder: UPLOAD_FOLDER,
        formats,
        signal,
        checkClaims,
      });
      try {
        const session = await sessions.create(services, {
          uploadKey: file.key,
          filename: file.filename,
          imageHash: file.sha256,
          bytes: file.bytes,
          width: file.width,
          height: file.height,
          downloadTag: `${DOWNLOAD_PREFIX}${randomUUID()}`,
          nextMaskId: 0,
          masks: {},
        });
        const { filename, width, height, bytes, sha256 } = file;
        return json({
          session_id: session.id,
          filename,
          width,
          height,
          file_size: bytes,
          image_hash: sha256,
          created_at: timestamp(session.createdAt),
          expires_at: timestamp(session.expiresAt),
        });
      } catch (error) {
        await services.objects.uploads.delete(file.key);
        throw error;
      }
    },
  );
}
