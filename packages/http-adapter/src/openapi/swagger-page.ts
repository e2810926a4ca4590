import type { TextAnswer } from "../http/answer.js";
import { escapeHtml, htmlAnswer } from "./page.js";

/**
 * Swagger UI of the API's own description.
 * @param root - The way from the page to the root of the API.
 * @param apiOrigin - Where requests of "Try it out" go.
 */
export function swaggerPage(title: string, root: string, apiOrigin: string): TextAnswer {
  const html = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)}</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="${root}docs-files/swagger-ui.css">
</head>
<body>
<div id="swagger-ui" data-description="${root}openapi.json"></div>
<script src="${root}docs-files/swagger-ui-bundle.js"></script>
<script src="${root}docs-files/start.js"></script>
</body>
</html>
`;
  return htmlAnswer(
    html,
    // Swagger UI writes styles into the page and shows results as blobs.
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; " +
      `font-src data:; connect-src 'self' ${apiOrigin}; base-uri 'none'; form-action 'none'`,
  );
}

/** A file of its own, so that the page needs no inline script. */
export const swaggerStart = `const place = document.getElementById("swagger-ui");
SwaggerUIBundle({
  url: new URL(place.dataset.description, location.href).href,
  domNode: place,
  presets: [SwaggerUIBundle.presets.apis],
  layout: "BaseLayout",
  deepLinking: true,
  // Its default asks a server on the internet.
  validatorUrl: null,
  queryConfigEnabled: false,
});
`;
