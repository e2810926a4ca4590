import type { Site } from "./site.js";

/** Everything that can be wrong with a request, whatever the route. */
export const cases = [
  "missing field",
  "wrong type",
  "wrong session",
  "expired session",
  "too large",
  "wrong content type",
  "aborted upload",
] as const;

export type Case = (typeof cases)[number];

/** Sends the bad request and looks at the answer; or says why this route cannot be asked so. */
export type Check = ((site: Site) => Promise<void>) | string;

/** One route with an answer to each case: the compiler sees to it that none is forgotten. */
export type Row = Readonly<Record<Case, Check>>;

export const unknownSession = "3f0c8f6e-2f1e-4c57-9d0c-0d8f3c1b2a4e";
/** What no session is called. */
export const wrongSessions = [
  unknownSession,
  "../../etc/passwd",
  "__proto__",
  "constructor",
  "%00",
  "null",
  "x".repeat(3000),
];
