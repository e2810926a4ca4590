// @ts-check
import { fork } from "node:child_process";
import { fileURLToPath } from "node:url";

/** @typedef {{ id: number, name: string, argument?: unknown }} Question */
/** @typedef {{ id: number, answer?: unknown, error?: string }} Answer */

/**
 * Starts a file of this folder as a process of its own.
 * @param {string} file
 * @param {readonly string[]} [parameters]
 */
export function startChild(file, parameters = []) {
  const child = fork(fileURLToPath(new URL(file, import.meta.url)), [...parameters]);
  /** @type {Map<number, { resolve: (answer: any) => void, reject: (error: Error) => void }>} */
  const waiting = new Map();
  let questions = 0;
  /** @type {Promise<void>} */
  const ready = new Promise((resolve) => child.once("message", () => resolve()));
  child.on("message", (/** @type {Answer} */ { id, answer, error }) => {
    const asked = waiting.get(id);
    waiting.delete(id);
    if (error === undefined) asked?.resolve(answer);
    else asked?.reject(new Error(error));
  });
  const ended = new Promise((resolve) => child.once("exit", resolve));
  child.once("exit", (code) => {
    for (const { reject } of waiting.values()) reject(new Error(`${file} ended with ${code}.`));
  });
  /**
   * @param {string} name
   * @param {unknown} [argument]
   * @returns {Promise<any>}
   */
  const ask = (name, argument) =>
    new Promise((resolve, reject) => {
      const id = questions++;
      waiting.set(id, { resolve, reject });
      // What is sent before the child listens would be lost.
      void ready.then(() => child.send({ id, name, argument }));
    });
  return {
    ask,
    async close() {
      await ask("close");
      child.disconnect();
      await ended;
    },
  };
}

/**
 * The child's side: answers what the parent asks. Ends with the parent.
 * @param {Record<string, (argument: any) => unknown>} answers
 */
export function answerParent(answers) {
  process.on("message", async (/** @type {Question} */ { id, name, argument }) => {
    try {
      process.send?.({ id, answer: await answers[name]?.(argument) });
    } catch (error) {
      process.send?.({ id, error: String(error) });
    }
  });
  process.on("disconnect", () => process.exit());
  process.send?.({ id: -1 });
}
