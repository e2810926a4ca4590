import { escapeHtml, proseHtml } from "./page.js";
import type { JsonSchema } from "./read-document.js";

/** A table of an object's members; other schemas as their type. */
export function schemaHtml(schema: JsonSchema): string {
  const members = Object.entries(schema.properties ?? {});
  const intro = schema.description ? `<p>${proseHtml(schema.description)}</p>\n` : "";
  if (members.length === 0) return `${intro}<p>${typeHtml(schema)}</p>`;
  const required = new Set(schema.required);
  const rows = members.map(([name, member]) => {
    const notes = [member.description, rangeText(member)].filter((text) => text !== undefined && text !== "");
    const inner = innerObject(member);
    return (
      `<tr><td><code>${escapeHtml(name)}</code>${required.has(name) ? ' <span class="required">required</span>' : ""}</td>` +
      `<td>${typeHtml(member)}</td>` +
      `<td>${notes.map((note) => proseHtml(note!)).join("<br>")}${inner ? `<details><summary>members</summary>${schemaHtml(inner)}</details>` : ""}</td></tr>`
    );
  });
  return `${intro}<table>${rows.join("\n")}</table>`;
}

/** The type in a few words, with links to named schemas. */
export function typeHtml(schema: JsonSchema): string {
  if (schema.$ref !== undefined) {
    const name = schema.$ref.slice(schema.$ref.lastIndexOf("/") + 1);
    return `<a href="#schema-${encodeURIComponent(name)}">${escapeHtml(name)}</a>`;
  }
  if (schema.const !== undefined) return codeHtml(schema.const);
  if (schema.enum) return schema.enum.map(codeHtml).join(" | ");
  const choices = schema.anyOf ?? schema.oneOf;
  if (choices) return choices.map(typeHtml).join(" | ");
  if (schema.allOf) return schema.allOf.map(typeHtml).join(" &amp; ");
  if (schema.prefixItems) return `[${schema.prefixItems.map(typeHtml).join(", ")}]`;
  if (schema.items) return `list of ${typeHtml(schema.items)}`;
  if (typeof schema.additionalProperties === "object")
    return `object by name of ${typeHtml(schema.additionalProperties)}`;
  const type = [schema.type ?? "any"].flat().join(" | ");
  return escapeHtml(schema.format === undefined ? type : `${type} (${schema.format})`);
}

/** Longer examples (pictures in base64) are cut for the eye. */
const LONG_TEXT = 80;

export function exampleHtml(example: unknown): string {
  if (example === undefined) return "";
  const text = JSON.stringify(
    example,
    (_name, value: unknown) =>
      typeof value === "string" && value.length > LONG_TEXT ? `${value.slice(0, 40)}…` : value,
    2,
  );
  return `<pre>${escapeHtml(text)}</pre>`;
}

/** An object that has no name of its own, in itself or in a list. */
function innerObject(schema: JsonSchema): JsonSchema | undefined {
  if (schema.properties) return schema;
  if (schema.items) return innerObject(schema.items);
  for (const choice of schema.anyOf ?? []) {
    const inner = innerObject(choice);
    if (inner) return inner;
  }
  return undefined;
}

function rangeText({ minimum, maximum, minItems, maxItems, maxLength, ...schema }: JsonSchema): string {
  const safe = (value: number | undefined) =>
    value !== undefined && Math.abs(value) < Number.MAX_SAFE_INTEGER ? value : undefined;
  const parts: string[] = [];
  const [least, most] = [safe(minimum), safe(maximum)];
  if (least !== undefined && most !== undefined) parts.push(`${least} to ${most}`);
  else if (least !== undefined) parts.push(`at least ${least}`);
  else if (most !== undefined) parts.push(`at most ${most}`);
  if (minItems !== undefined) parts.push(`at least ${minItems} items`);
  if (maxItems !== undefined) parts.push(`at most ${maxItems} items`);
  if (maxLength !== undefined) parts.push(`at most ${maxLength} characters`);
  if (schema.default !== undefined) parts.push(`default \`${JSON.stringify(schema.default)}\``);
  return parts.join(", ");
}

function codeHtml(value: unknown): string {
  return `<code>${escapeHtml(JSON.stringify(value))}</code>`;
}
