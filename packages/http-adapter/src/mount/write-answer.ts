import type { ServerResponse } from "node:http";
import { type Answer, isText, type TextAnswer } from "../http/answer.js";
import { writeBody } from "./write-body.js";

/** Writes an answer. A client that goes away meanwhile, or a body that breaks off, ends the connection; nobody else is told. */
export async function writeAnswer(answer: Answer, outgoing: ServerResponse): Promise<void> {
  if (isText(answer)) return writeText(answer, outgoing);
  const { status, headers, body } = answer;
  if (outgoing.destroyed || outgoing.headersSent) return body?.cancel();
  outgoing.writeHead(status, headersOf(headers));
  if (!body) outgoing.end();
  else await writeBody(body, outgoing);
}

function writeText({ status, headers, text }: TextAnswer, outgoing: ServerResponse): void {
  if (outgoing.destroyed || outgoing.headersSent) return;
  const length = { "content-length": Buffer.byteLength(text) };
  outgoing.writeHead(status, Object.assign(length, headers)).end(text);
}

/** Cookies, which a wrapped `fetch` may add, are the one header that stays several. */
function headersOf(headers: Headers): Record<string, string | string[]> {
  const cookies = headers.getSetCookie();
  return { ...Object.fromEntries(headers), ...(cookies.length > 0 && { "set-cookie": cookies }) };
}
