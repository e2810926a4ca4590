import { MaskeryError } from "@maskery/core";
import { z } from "zod";
import { withHeaders } from "../http/answer.js";
import { defineRoute, json, type Route } from "../http/route.js";
import type { OpenApiDocument } from "./document.js";
import { documentationFile } from "./documentation-files.js";
import { endpointList, indexPage } from "./index-page.js";
import { htmlAnswer, relativeRoot } from "./page.js";
import { referencePage } from "./reference-page.js";
import { swaggerPage } from "./swagger-page.js";

const tag = "documentation";
const timeoutMs = 10_000;

export const endpointListSchema = z
  .object({
    name: z.string(),
    version: z.string(),
    documentation: z.object({ openapi: z.string(), docs: z.string(), redoc: z.string() }),
    endpoints: z.array(
      z.object({
        method: z.string(),
        path: z.string(),
        operation_id: z.string(),
        summary: z.string(),
        tag: z.string(),
      }),
    ),
  })
  .meta({ id: "Endpoints" });

/**
 * `GET /`: what there is, as JSON for programs and as a page for browsers. It is part of the description, so the description
 * is asked for when a request comes.
 */
export function indexRoute(describe: () => OpenApiDocument): Route {
  return defineRoute(
    {
      method: "GET",
      path: "/",
      operationId: "apiDocumentation",
      summary: "API documentation",
      tag,
      timeoutMs,
      responses: {
        200: {
          description: "The endpoints; a page where the client asks for HTML.",
          contentTypes: ["text/html"],
          schema: endpointListSchema,
        },
      },
    },
    ({ request, baseUrl }) => {
      const document = describe();
      const answer = prefersHtml(request.headers.get("accept"))
        ? htmlAnswer(indexPage(document, relativeRoot(request.url, 0)))
        : json(endpointList(document, new URL(baseUrl).pathname.replace(/\/+$/, "")));
      return withHeaders(answer, { vary: "Accept" });
    },
  );
}

/** The description, the two views of it, and what the views are made of. None of them needs a network. */
export function documentationRoutes(document: OpenApiDocument): Route[] {
  const shared = { method: "GET", tag, timeoutMs, responses: {} } as const;
  return [
    defineRoute(
      {
        ...shared,
        path: "/openapi.json",
        operationId: "openApiDocument",
        summary: "This API, as OpenAPI 3.1",
      },
      ({ baseUrl }) => json({ ...document, servers: [{ url: baseUrl }] }),
    ),
    defineRoute(
      { ...shared, path: "/docs", operationId: "swaggerUi", summary: "Try the API in the browser" },
      ({ request, baseUrl }) =>
        swaggerPage(document.info.title, relativeRoot(request.url, 1), new URL(baseUrl).origin),
    ),
    defineRoute(
      { ...shared, path: "/redoc", operationId: "reference", summary: "The API on one page, to read" },
      ({ request, baseUrl }) => htmlAnswer(referencePage(document, relativeRoot(request.url, 1), baseUrl)),
    ),
    defineRoute(
      {
        ...shared,
        path: "/docs-files/{name}",
        operationId: "documentationFile",
        summary: "Scripts and styles of the documentation",
        params: z.object({ name: z.string() }),
      },
      async ({ params }) => {
        const file = await documentationFile(params.name);
        if (!file) throw new MaskeryError("NOT_FOUND", "There is no such file.");
        return new Response(file.content, {
          headers: { "content-type": file.contentType, "cache-control": "public, max-age=3600" },
        });
      },
    ),
  ];
}

/** Browsers name `text/html`; programs name JSON, anything, or nothing. */
function prefersHtml(accept: string | null): boolean {
  return /\btext\/html\b/i.test(accept ?? "");
}
