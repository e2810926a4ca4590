// @ts-check

import { fork } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { inMs } from "../shared/statistics.mjs";
import { builtInModelFolder } from "./built-in-model-folder.mjs";

const SETTINGS = [
  { arena: true, pattern: true },
  { arena: true, pattern: false },
  { arena: false, pattern: false },
];

/** @param {number} rounds */
export async function measureMemorySettings(rounds) {
  const model = join(builtInModelFolder(), "encoder.onnx");
  for (const setting of SETTINGS) {
    const { ms, megabytes } = await inProcessOfItsOwn({ ...setting, model, rounds });
    console.log(
      `encoder runs     arena ${setting.arena ? "on" : "off"}, pattern ${setting.pattern ? "on" : "off"}: ${inMs(ms)}, ${megabytes.toFixed(0)} MB more`,
    );
  }
}

/**
 * @param {object} job
 * @returns {Promise<{ ms: number, megabytes: number }>}
 */
function inProcessOfItsOwn(job) {
  return new Promise((resolve, reject) => {
    const child = fork(fileURLToPath(new URL("./one-memory-setting.mjs", import.meta.url)));
    child.once("message", (answer) => resolve(/** @type {{ ms: number, megabytes: number }} */ (answer)));
    child.once("error", reject);
    child.send(job);
  });
}
