import type { SegmentationApi } from "@maskery/http-adapter";
import { Ajv2020, type ValidateFunction } from "ajv/dist/2020.js";
import addFormatsModule from "ajv-formats";
import { expect } from "vitest";

// The package says `export default` in CommonJS.
const addFormats = addFormatsModule as unknown as (ajv: Ajv2020) => void;

interface Operation {
  readonly operationId: string;
  readonly responses: Readonly<Record<string, { readonly content?: Readonly<Record<string, unknown>> }>>;
}

type Paths = Readonly<Record<string, Readonly<Record<string, Operation>>>>;

/** Statuses that the whole server may answer, whatever the operation. */
const anywhere = [405, 499];

/** Looks at answers with the eyes of the API's own OpenAPI document. */
export class DocumentedAnswers {
  readonly #paths: Paths;
  readonly #ajv = new Ajv2020({ strict: false, allErrors: true });
  readonly #compiled = new Map<string, ValidateFunction>();

  constructor({ openapi }: SegmentationApi) {
    addFormats(this.#ajv);
    this.#paths = openapi.paths as unknown as Paths;
    this.#ajv.addSchema(openapi, "document");
  }

  /** Every operation as `POST /segment`. */
  get operations(): string[] {
    return Object.entries(this.#paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
    );
  }

  /** Whether the document describes something at this path; it leaves out the pages that show it. */
  describes(path: string): boolean {
    return this.#templateOf(path) !== undefined;
  }

  /** The status must stand in the document, and the body must have the shape that stands there. */
  async check(method: string, path: string, answer: Response): Promise<void> {
    const template = this.#templateOf(path);
    expect(template, `${method} ${path} stands in the document`).toBeDefined();
    const operation = this.#paths[template!]?.[method === "HEAD" ? "get" : method.toLowerCase()];
    const what = `${method} ${template} answered ${answer.status}`;
    if (!operation || anywhere.includes(answer.status)) {
      expect(answer.status, what).toBe(405);
      return;
    }
    const documented = operation.responses[String(answer.status)];
    expect(documented, `${what}, which stands in the document: ${await answer.clone().text()}`).toBeDefined();
    const type = answer.headers.get("content-type")?.split(";", 1)[0] ?? "";
    const { content } = documented!;
    if (!content) return;
    expect(Object.keys(content), what).toContain(type);
    if (!type.endsWith("json") || method === "HEAD") return;
    const steps = [
      "paths",
      template!,
      method.toLowerCase(),
      "responses",
      String(answer.status),
      "content",
      type,
    ];
    const body: unknown = await answer.clone().json();
    expect(this.misfit([...steps, "schema"], body), what).toBeUndefined();
  }

  /** Why a value does not fit the schema at this place of the document; undefined where it does. */
  misfit(steps: readonly string[], value: unknown): string | undefined {
    const validate = this.#validator(`document#/${pointer(steps)}`);
    return validate(value) ? undefined : this.#ajv.errorsText(validate.errors);
  }

  #templateOf(path: string): string | undefined {
    const plain = path.split("?", 1)[0]!.replace(/\/+$/, "") || "/";
    return Object.keys(this.#paths).find((candidate) =>
      new RegExp(`^${candidate.replaceAll(/\{\w+\}/g, "[^/]+")}$`).test(plain),
    );
  }

  #validator(reference: string): ValidateFunction {
    const known = this.#compiled.get(reference);
    if (known) return known;
    const made = this.#ajv.compile({ $ref: reference });
    this.#compiled.set(reference, made);
    return made;
  }
}

/** A JSON pointer as part of an address. */
function pointer(steps: readonly string[]): string {
  return steps.map((step) => encodeURIComponent(step.replaceAll("~", "~0").replaceAll("/", "~1"))).join("/");
}
