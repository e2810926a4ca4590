import { z } from "zod";
import { createDocument, type ZodOpenApiOperationObject, type ZodOpenApiPathsObject } from "zod-openapi";
import type { MountedRoute } from "../http/app.js";
import type { Route, RouteResponse } from "../http/route.js";
import { operationExamples } from "./examples/index.js";

/** An OpenAPI 3.1 description. */
export type OpenApiDocument = ReturnType<typeof createDocument>;

/** Describes all routes, from the schemas that check their requests. */
export function openApiDocument(routes: readonly MountedRoute[]): OpenApiDocument {
  const paths: Record<string, Record<string, ZodOpenApiOperationObject>> = {};
  for (const { route, prefix } of routes) {
    const path = `${prefix}${route.path}`;
    paths[path] = { ...paths[path], [route.method.toLowerCase()]: operation(route) };
  }
  return createDocument({
    openapi: "3.1.1",
    info: {
      title: "Maskery",
      version: "1",
      description: "Image segmentation: click, box or nothing at all in, masks out.",
    },
    servers: [{ url: "." }],
    tags: [...new Set(routes.map(({ route }) => route.tag))].map((name) => ({ name })),
    paths: paths as ZodOpenApiPathsObject,
  });
}

function operation(route: Route): ZodOpenApiOperationObject {
  const { body } = route;
  const examples = operationExamples[route.operationId] ?? {};
  const request = (body?.kind === "json" ? body.example : undefined) ?? examples.request;
  return {
    operationId: route.operationId,
    summary: route.summary,
    tags: [route.tag],
    ...((route.params || route.query || route.headers) && {
      requestParams: {
        ...(route.headers && { header: route.headers }),
        ...(route.params && { path: withExamples(route.params, examples.parameters) }),
        ...(route.query && { query: withExamples(route.query, examples.parameters) }),
      },
    }),
    ...(body && {
      requestBody: {
        required: body.kind !== "json" || !body.optional,
        content:
          body.kind === "binary"
            ? binaryContent(body.contentTypes)
            : {
                [body.kind === "json" ? "application/json" : "multipart/form-data"]: {
                  schema: body.schema,
                  ...(request !== undefined && { example: request }),
                },
              },
      },
    }),
    responses: Object.fromEntries(
      Object.entries(route.responses).map(([status, response]) => [
        status,
        responseObject(
          Number(status),
          status === "200" ? { example: examples.response, ...response } : response,
        ),
      ]),
    ),
  } as ZodOpenApiOperationObject;
}

/** The same schema, each of its members with its example. */
function withExamples(schema: z.ZodObject, values: Readonly<Record<string, string>> = {}): z.ZodObject {
  const members = Object.entries(schema.shape).map(([name, member]) => {
    const type = member as z.ZodType;
    return [name, name in values ? type.meta({ ...type.meta(), example: values[name] }) : type];
  });
  return z.object(Object.fromEntries(members) as z.ZodRawShape);
}

function binaryContent(types: readonly string[]): Record<string, object> {
  return Object.fromEntries(types.map((type) => [type, { schema: { type: "string", format: "binary" } }]));
}

function responseObject(
  status: number,
  { description, schema, contentTypes = [], headers, example }: RouteResponse,
) {
  const mediaType = status >= 400 ? "application/problem+json" : "application/json";
  const content: Record<string, object> = {
    ...(schema && { [mediaType]: { schema, ...(example !== undefined && { example }) } }),
    ...binaryContent(contentTypes),
  };
  return {
    description,
    ...(headers && { headers }),
    ...(Object.keys(content).length > 0 && { content }),
  };
}
