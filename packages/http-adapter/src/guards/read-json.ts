import { invalidInput, MaskeryError, schemaError } from "@maskery/core";
import type { JsonBody } from "../http/route.js";
import type { ApiLimits } from "../service/services.js";
import { readBoundedBody } from "./read-bounded-body.js";

/**
 * Reads and checks a JSON body.
 * @throws MaskeryError `UNSUPPORTED_FORMAT` for another content type or an encoded body, `IMAGE_TOO_LARGE` beyond the bound,
 * `INVALID_INPUT` naming the member at fault.
 */
export async function readJson(
  request: Request,
  body: JsonBody,
  limits: Pick<ApiLimits, "maxFileBytes" | "maxJsonBytes">,
  signal: AbortSignal,
): Promise<unknown> {
  const contentType = request.headers.get("content-type") ?? "";
  const isJson = /^application\/(?:[\w.-]+\+)?json\b/i.test(contentType);
  const maxBytes = bodyBound(body, limits);
  // Nobody sends 50 MB to hear at the end that it was no JSON.
  const bytes = isJson || body.optional ? await readBoundedBody(request, maxBytes, signal) : new Uint8Array();
  if (bytes.length === 0 && body.optional) return body.schema.parse({});
  if (!isJson) {
    throw new MaskeryError(
      "UNSUPPORTED_FORMAT",
      `content-type: expected application/json, received ${contentType === "" ? "none" : JSON.stringify(contentType.slice(0, 80))}`,
      { field: "content-type" },
    );
  }
  const input = parse(bytes, body.confidential);
  const parsed = body.schema.safeParse(input);
  // What is wrong with the whole is called by the name that other refusals of it have.
  if (!parsed.success) {
    const refusal = schemaError(parsed.error, input, parsed.error.issues[0]?.path.length === 0 ? "body" : "");
    throw body.confidential ? withoutValues(refusal, input) : refusal;
  }
  return parsed.data;
}

/** A host that takes smaller files takes smaller bodies with pictures too. Base64 makes four bytes of three. */
function bodyBound(
  { maxBytes }: JsonBody,
  { maxFileBytes, maxJsonBytes }: Pick<ApiLimits, "maxFileBytes" | "maxJsonBytes">,
): number {
  if (maxBytes === undefined) return maxJsonBytes;
  return Math.min(maxBytes, Math.ceil(maxFileBytes / 3) * 4 + maxJsonBytes);
}

/** The same refusal, with the kind of what came in place of what came. */
function withoutValues({ field, message }: MaskeryError, input: unknown): MaskeryError {
  const value = typeof input === "object" && input !== null ? Reflect.get(input, field ?? "") : undefined;
  const kind =
    value === undefined || value === null ? "nothing" : Array.isArray(value) ? "array" : typeof value;
  const size = typeof value === "string" ? ` of ${value.length} characters` : "";
  const expected = message.slice(0, message.indexOf(", received "));
  return new MaskeryError("INVALID_INPUT", `${expected}, received ${kind}${size}`, { field });
}

function parse(bytes: Uint8Array, confidential = false): unknown {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch (cause) {
    // The engine's words quote the text.
    throw invalidInput(
      "body",
      "JSON in UTF-8",
      `${bytes.length} bytes that are none`,
      confidential ? undefined : cause,
    );
  }
}
