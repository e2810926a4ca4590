import { defineRoute, json, type Route } from "../../../http/route.js";
import { harmlessName, uploadPicture } from "../../../service/uploads.js";
import { type DemoContext, demoFileLink, formats, problem, sessionParams, tag } from "../demo-context.js";
import { type DemoSessionData, uploadedFileSchema, uploadFormSchema } from "../demo-schemas.js";
import { discardFiles } from "../demo-sessions.js";

export function uploadRoute(context: DemoContext): Route {
  const { sessions, tasks } = context;
  return defineRoute(
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
        url: demoFileLink(baseUrl, context, file.key),
        uploaded_at: uploadedAt,
      });
    },
  );
}
