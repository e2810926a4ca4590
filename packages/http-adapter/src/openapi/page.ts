import type { TextAnswer } from "../http/answer.js";

/** No script, nothing from elsewhere. */
const PLAIN_PAGE_POLICY =
  "default-src 'none'; style-src 'self'; img-src data:; base-uri 'none'; form-action 'none'";

/** Text as HTML shows it. */
export function escapeHtml(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;")
    .replaceAll("'", "&#39;");
}

/** Escapes text, and shows what stands between backticks as code. */
export function proseHtml(text: string): string {
  return escapeHtml(text).replaceAll(/`([^`]+)`/g, "<code>$1</code>");
}

export function htmlAnswer(html: string, policy = PLAIN_PAGE_POLICY): TextAnswer {
  const headers = { "content-type": "text/html; charset=utf-8", "content-security-policy": policy };
  return { status: 200, headers, text: html };
}

/**
 * The way from a page to the root of the API, as a browser resolves it: right under every mount path, with and without a
 * slash at the end, and behind proxies that take a part of the path off.
 * @param depth - Parts of the page's path below the root.
 */
export function relativeRoot(requestUrl: string, depth: 0 | 1): string {
  const { pathname } = new URL(requestUrl);
  if (pathname.endsWith("/")) return "../".repeat(depth) || "./";
  return depth === 1 ? "./" : `./${pathname.slice(pathname.lastIndexOf("/") + 1)}/`;
}

/** A whole page of ours. @param body - HTML. */
export function page(title: string, root: string, body: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)}</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="${escapeHtml(root)}docs-files/reference.css">
</head>
<body>
${body}
</body>
</html>
`;
}
