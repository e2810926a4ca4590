import { invalidInput, MaskeryError, schemaError } from "@maskery/core";
import type { JsonBody } from "../http/route.js";
import { readBoundedBody } from "./read-bounded-body.js";

/**
 * Reads and checks a JSON body.
 * @throws MaskeryError `UNSUPPORTED_FORMAT` for another content type or an encoded body, `IMAGE_TOO_LARGE` beyond the bound,
 * `INVALID_INPUT` naming the member at fault.
 */
export async function readJson(
  request: Request,
  body: JsonBody,
  defaultMaxBytes: number,
  signal: AbortSignal,
): Promise<unknown> {
  const contentType = request.headers.get("content-type") ?? "";
  const isJson = /^application\/(?:[\w.-]+\+)?json\b/i.test(contentType);
  const maxBytes = body.maxBytes ?? defaultMaxBytes;
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
  const input = parse(bytes);
  const parsed = body.schema.safeParse(input);
  if (!parsed.success) throw schemaError(parsed.error, input, "");
  return parsed.data;
}

function parse(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch (cause) {
    throw invalidInput("body", "JSON in UTF-8", `${bytes.length} bytes that are none`, cause);
  }
}
