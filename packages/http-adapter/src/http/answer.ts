/** An answer whose text is known in full. Mounts write it as it is: a `Response`, with a stream inside, costs as much as the rest. */
export interface TextAnswer {
  readonly status: number;
  readonly headers: TextHeaders;
  readonly text: string;
}

/** By names in lower case. */
export type TextHeaders = Readonly<Record<string, string>>;

export type Answer = TextAnswer | Response;

export function isText(answer: Answer): answer is TextAnswer {
  return typeof answer.text === "string";
}

export function toResponse(answer: Answer): Response {
  return isText(answer) ? new Response(answer.text, answer) : answer;
}

/** Adds headers. `vary` names what the answer depends on, so it grows; others are set, or, with `keep`, only where there is none. */
export function withHeaders(answer: Answer, headers: TextHeaders, { keep = false } = {}): Answer {
  if (isText(answer)) {
    const { status, text } = answer;
    const [first, second] = keep ? [headers, answer.headers] : [answer.headers, headers];
    return { status, text, headers: merged(first, second) };
  }
  for (const [name, value] of Object.entries(headers)) {
    if (name === "vary") answer.headers.append(name, value);
    else if (!keep || !answer.headers.has(name)) answer.headers.set(name, value);
  }
  return answer;
}

/** Loops, because spreading takes ten times as long, and every answer comes by. */
function merged(first: TextHeaders, second: TextHeaders): TextHeaders {
  const headers: Record<string, string> = {};
  for (const name in first) headers[name] = first[name]!;
  for (const name in second) {
    const before = name === "vary" ? headers[name] : undefined;
    headers[name] = before === undefined ? second[name]! : `${before}, ${second[name]}`;
  }
  return headers;
}
