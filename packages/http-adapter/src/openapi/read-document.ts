import type { OpenApiDocument } from "./document.js";

/** The parts of a JSON Schema that the pages show. */
export interface JsonSchema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly format?: string;
  readonly description?: string;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly default?: unknown;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly items?: JsonSchema;
  readonly prefixItems?: readonly JsonSchema[];
  readonly additionalProperties?: JsonSchema | boolean;
  readonly anyOf?: readonly JsonSchema[];
  readonly oneOf?: readonly JsonSchema[];
  readonly allOf?: readonly JsonSchema[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly maxLength?: number;
  readonly pattern?: string;
}

export interface DocumentedContent {
  readonly schema?: JsonSchema;
  readonly example?: unknown;
}

interface Parameter {
  readonly name: string;
  readonly in: string;
  readonly required?: boolean;
  readonly schema?: JsonSchema;
  readonly description?: string;
}

/** One operation, as the pages show it. */
export interface DocumentedOperation {
  readonly method: string;
  readonly path: string;
  readonly operationId: string;
  readonly summary: string;
  readonly tag: string;
  readonly parameters: readonly Parameter[];
  readonly requestBody?: {
    readonly required?: boolean;
    readonly content: Readonly<Record<string, DocumentedContent>>;
  };
  readonly responses: Readonly<
    Record<
      string,
      { readonly description: string; readonly content?: Readonly<Record<string, DocumentedContent>> }
    >
  >;
}

type WireOperation = Partial<Omit<DocumentedOperation, "method" | "path" | "tag">> & {
  readonly tags?: readonly string[];
};

/** All operations in the order of the document. */
export function documentedOperations(document: OpenApiDocument): DocumentedOperation[] {
  return Object.entries(document.paths ?? {}).flatMap(([path, item]) =>
    Object.entries(item as Readonly<Record<string, WireOperation>>).map(([method, operation]) => ({
      method: method.toUpperCase(),
      path,
      operationId: operation.operationId ?? `${method} ${path}`,
      summary: operation.summary ?? "",
      tag: operation.tags?.[0] ?? "other",
      parameters: operation.parameters ?? [],
      ...(operation.requestBody && { requestBody: operation.requestBody }),
      responses: operation.responses ?? {},
    })),
  );
}

/** Schemas that others refer to, by name. */
export function documentedSchemas(document: OpenApiDocument): Readonly<Record<string, JsonSchema>> {
  return (document.components?.schemas ?? {}) as Readonly<Record<string, JsonSchema>>;
}

/** Groups, in the order in which they first appear. */
export function byTag(operations: readonly DocumentedOperation[]): Map<string, DocumentedOperation[]> {
  const groups = new Map<string, DocumentedOperation[]>();
  for (const operation of operations) {
    const group = groups.get(operation.tag);
    if (group) group.push(operation);
    else groups.set(operation.tag, [operation]);
  }
  return groups;
}
