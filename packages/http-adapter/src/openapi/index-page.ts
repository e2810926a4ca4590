import type { OpenApiDocument } from "./document.js";
import { escapeHtml, page, proseHtml } from "./page.js";
import { byTag, documentedOperations } from "./read-document.js";

/** What `GET /` tells programs. @param mountPath - Put before every path, without a slash at its end. */
export function endpointList(document: OpenApiDocument, mountPath: string) {
  return {
    name: document.info.title,
    version: document.info.version,
    documentation: {
      openapi: `${mountPath}/openapi.json`,
      docs: `${mountPath}/docs`,
      redoc: `${mountPath}/redoc`,
    },
    endpoints: documentedOperations(document).map(({ method, path, operationId, summary, tag }) => ({
      method,
      path: `${mountPath}${path}`,
      operation_id: operationId,
      summary,
      tag,
    })),
  };
}

/** The same for people. */
export function indexPage(document: OpenApiDocument, root: string): string {
  const groups = [...byTag(documentedOperations(document))].map(
    ([tag, operations]) => `<h2>${escapeHtml(tag)}</h2>
<table class="endpoints">
${operations
  .map(
    ({ method, path, summary, operationId }) =>
      `<tr><td><span class="method ${method.toLowerCase()}">${method}</span></td>` +
      `<td><a href="${root}redoc#${encodeURIComponent(operationId)}"><code>${escapeHtml(path)}</code></a></td>` +
      `<td>${proseHtml(summary)}</td></tr>`,
  )
  .join("\n")}
</table>`,
  );
  const { title, description = "" } = document.info;
  return page(
    title,
    root,
    `<main class="index">
<h1>${escapeHtml(title)}</h1>
<p>${proseHtml(description)}</p>
<p><a href="${root}docs">Try it</a> · <a href="${root}redoc">Read the reference</a> · <a href="${root}openapi.json">OpenAPI 3.1</a></p>
${groups.join("\n")}
</main>`,
  );
}
