import { z } from "zod";
import { defineRoute, type Route } from "../../../http/route.js";
import { sendObject } from "../../../service/send-object.js";
import { FILES_PATH, formats, problem, tag } from "../demo-context.js";

export function fileRoute(): Route {
  return defineRoute(
    {
      method: "GET",
      path: `${FILES_PATH}/{file_name}`,
      operationId: "demoFile",
      summary: "An uploaded picture or a result, by the link that was given for it",
      tag,
      timeoutMs: 30_000,
      params: z.object({ file_name: z.string() }),
      responses: {
        200: { description: "The picture.", contentTypes: formats.map((format) => `image/${format}`) },
        404: problem("No such file."),
      },
    },
    async ({ params, request, services, signal }) =>
      sendObject([services.objects.uploads, services.objects.results], `demo/${params.file_name}`, request, {
        signal,
      }),
  );
}
