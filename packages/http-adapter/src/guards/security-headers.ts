/** Set on our answers only. What concerns the whole site (HSTS, frames) stays with the host application. */
export const securityHeaders: Readonly<Record<string, string>> = {
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
  "cache-control": "no-store",
};
