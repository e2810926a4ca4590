// @ts-check
/** Module hooks that tell each address that is loaded. */
/** @type {import("node:worker_threads").MessagePort | undefined} */ let port;

/** @param {import("node:worker_threads").MessagePort} data */
export function initialize(data) {
  port = data;
}

/** @type {import("node:module").LoadHook} */
export function load(url, context, nextLoad) {
  port?.postMessage(url);
  return nextLoad(url, context);
}
