import type { Answer } from "./answer.js";
import type { Arrival } from "./arrival.js";

/** Answers without a `Request` and a `Response` in between. */
export type DirectAnswer = (arrival: Arrival) => Promise<Answer>;

// A registered symbol: built as CommonJS, every entry point of this package has its own copy of this module.
const directly = Symbol.for("maskery.answer-directly");

type Fetch = (...input: never[]) => Promise<Response>;

/** Lets mounts take the short way past `fetch`. It hangs on the function: an application that puts another in its place gets every request. */
export function withDirectAnswer<F extends Fetch>(fetch: F, answer: DirectAnswer): F {
  return Object.defineProperty(fetch, directly, { value: answer });
}

export function directAnswerOf(fetch: Fetch): DirectAnswer | undefined {
  return (fetch as { [directly]?: DirectAnswer })[directly];
}
