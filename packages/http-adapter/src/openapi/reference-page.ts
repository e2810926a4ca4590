import type { OpenApiDocument } from "./document.js";
import { escapeHtml, page, proseHtml } from "./page.js";
import { byTag, type DocumentedOperation, documentedOperations, documentedSchemas } from "./read-document.js";
import { exampleHtml, schemaHtml, typeHtml } from "./reference-schema.js";

/**
 * The whole description on one page, to read and to print: plain HTML without a script, so it also works in text browsers
 * and under the strictest policy.
 * @param root - The way from the page to the root of the API.
 */
export function referencePage(document: OpenApiDocument, root: string, baseUrl: string): string {
  const groups = [...byTag(documentedOperations(document))];
  const schemas = Object.entries(documentedSchemas(document));
  const { title, version, description = "" } = document.info;
  const navigation = groups.map(
    ([tag, operations]) =>
      `<h2>${escapeHtml(tag)}</h2>\n<ul>${operations
        .map(
          ({ operationId, method, summary }) =>
            `<li><a href="#${encodeURIComponent(operationId)}">${methodHtml(method)} ${proseHtml(summary)}</a></li>`,
        )
        .join("\n")}</ul>`,
  );
  return page(
    `${title}: reference`,
    root,
    `<nav>
<p class="title"><a href="${root}">${escapeHtml(title)}</a></p>
${navigation.join("\n")}
<h2>schemas</h2>
<ul>${schemas.map(([name]) => `<li><a href="#schema-${name}">${escapeHtml(name)}</a></li>`).join("\n")}</ul>
</nav>
<main>
<h1>${escapeHtml(title)} <small>${escapeHtml(version)}</small></h1>
<p>${proseHtml(description)}</p>
<p>Base address: <code>${escapeHtml(baseUrl)}</code> · <a href="${root}openapi.json">openapi.json</a> · <a href="${root}docs">try it</a></p>
${groups.map(([tag, operations]) => `<h2 class="tag">${escapeHtml(tag)}</h2>\n${operations.map((operation) => operationHtml(operation, baseUrl)).join("\n")}`).join("\n")}
<h2 class="tag">Schemas</h2>
${schemas.map(([name, schema]) => `<section class="schema" id="schema-${name}"><h3>${escapeHtml(name)}</h3>\n${schemaHtml(schema)}</section>`).join("\n")}
</main>`,
  );
}

function operationHtml(operation: DocumentedOperation, baseUrl: string): string {
  const { operationId, method, path, summary, parameters, requestBody, responses } = operation;
  const parts = [
    `<h3>${proseHtml(summary)}</h3>\n<p class="path">${methodHtml(method)} <code>${escapeHtml(path)}</code></p>`,
  ];
  if (parameters.length > 0) {
    const rows = parameters.map(
      ({ name, in: where, required, schema = {}, description }) =>
        `<tr><td><code>${escapeHtml(name)}</code>${required ? ' <span class="required">required</span>' : ""}</td>` +
        `<td>${escapeHtml(where)}</td><td>${typeHtml(schema)}</td><td>${proseHtml(description ?? schema.description ?? "")}</td></tr>`,
    );
    parts.push(`<h4>Parameters</h4>\n<table>${rows.join("\n")}</table>`);
  }
  for (const [type, { schema, example }] of Object.entries(requestBody?.content ?? {})) {
    parts.push(
      `<h4>Request body <small>${escapeHtml(type)}${requestBody?.required ? "" : ", optional"}</small></h4>`,
    );
    if (schema) parts.push(schemaHtml(schema));
    if (example !== undefined)
      parts.push(`<pre>${escapeHtml(curl(operation, type, example, baseUrl))}</pre>`);
  }
  parts.push("<h4>Answers</h4>");
  for (const [status, { description, content = {} }] of Object.entries(responses)) {
    const bodies = Object.entries(content).map(
      ([type, { schema, example }]) =>
        `<p><small>${escapeHtml(type)}</small> ${schema ? typeHtml(schema) : ""}</p>${exampleHtml(example)}`,
    );
    parts.push(
      `<details${status < "300" ? " open" : ""}><summary><span class="status s${status[0]}">${status}</span> ${proseHtml(description)}</summary>\n${bodies.join("\n")}</details>`,
    );
  }
  return `<section class="operation" id="${escapeHtml(operationId)}">\n${parts.join("\n")}\n</section>`;
}

function methodHtml(method: string): string {
  return `<span class="method ${method.toLowerCase()}">${method}</span>`;
}

/** Longer texts inside an example are pictures; a reader needs to see only that they are there. */
const LONG_TEXT = 80;

/** The example as a command. */
function curl(
  { method, path }: DocumentedOperation,
  type: string,
  example: unknown,
  baseUrl: string,
): string {
  const address = `curl -X ${method} '${baseUrl}${path}'`;
  if (type.startsWith("multipart/")) {
    const fields = Object.entries(example as Readonly<Record<string, string>>);
    return [
      address,
      ...fields.map(([name, value]) => `  -F '${name}=${name === "file" ? "@" : ""}${value}'`),
    ].join(" \\\n");
  }
  const text = JSON.stringify(
    example,
    (_name, value: unknown) =>
      typeof value === "string" && value.length > LONG_TEXT ? `${value.slice(0, 40)}…` : value,
    2,
  );
  return `${address} \\\n  -H 'content-type: ${type}' \\\n  -d '${text}'`;
}
