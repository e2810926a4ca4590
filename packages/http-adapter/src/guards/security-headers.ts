/** Set on our answers only. What concerns the whole site (HSTS, frames) stays with the host application. */
const headers = {
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
  "cache-control": "no-store",
} as const;

export function addSecurityHeaders(response: Response): void {
  for (const [name, value] of Object.entries(headers))
    if (!response.headers.has(name)) response.headers.set(name, value);
}
