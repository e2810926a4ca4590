// A registered symbol: built as CommonJS, every entry point of this package has its own copy of this module.
const textOf = Symbol.for("maskery.response-text");

/** A response whose text is known in full; mounts write it without a stream in between, which costs as much as the rest. */
export function textResponse(text: string, init: ResponseInit): Response {
  return Object.defineProperty(new Response(text, init), textOf, { value: text });
}

/** The text of a response made by `textResponse`; undefined for others, and once somebody has read it. */
export function plainTextOf(response: Response): string | undefined {
  return response.bodyUsed ? undefined : (response as { [textOf]?: string })[textOf];
}
