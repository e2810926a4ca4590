// @ts-check
/** Imports one module in a process of its own: `node import-once.mjs <specifier>`. Prints what that cost, and what it loaded. */
import { createRequire, register } from "node:module";
import { MessageChannel } from "node:worker_threads";

const [specifier = "", listing] = process.argv.slice(2);
/** @type {Set<string>} */ const packages = new Set();
const note = (/** @type {string} */ address) => {
  const name = /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(address)?.[1];
  if (name) packages.add(name);
};
if (listing) {
  const { port1, port2 } = new MessageChannel();
  port1.on("message", note).unref();
  register(new URL("note-loads.mjs", import.meta.url), { data: port2, transferList: [port2] });
}
const before = process.cpuUsage();
const startedAt = performance.now();
if (specifier !== "") await import(specifier);
const milliseconds = performance.now() - startedAt;
const { user, system } = process.cpuUsage(before);
// What was loaded by `require` does not pass the hooks.
for (const path of Object.keys(createRequire(import.meta.url).cache)) note(path);
// What the hooks sent arrives with the next turns.
await new Promise((resolve) => setTimeout(resolve, listing ? 200 : 0));
console.log(
  JSON.stringify({
    milliseconds,
    cpuMilliseconds: (user + system) / 1000,
    megabytes: process.memoryUsage.rss() / 1024 / 1024,
    packages: [...packages].sort(),
  }),
);
