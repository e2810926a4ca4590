// @ts-check
import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { median } from "../shared/statistics.mjs";
import { hosts } from "./hosts.mjs";

/** @import { SegmentationApi } from "@maskery/http-adapter" */

const CONNECTIONS = 4;
const MILLISECONDS = 3000;
const GOAL = 0.5;

/**
 * `GET /health` through each mount against a bare handler of the same framework with the same bytes, turn by turn.
 * @param {SegmentationApi} api
 * @param {number} rounds
 */
export async function measureHealth(api, rounds) {
  console.log(
    `\nGET /health, ${CONNECTIONS} connections, ${rounds} rounds; goal: at least ${GOAL} of the bare handler`,
  );
  for (const [name, start] of Object.entries(hosts)) {
    let bytes = "";
    const host = await start(api, () => bytes);
    bytes = await (await fetch(`${host.origin}/vision/health`)).text();
    /** @type {number[]} */ const ours = [];
    /** @type {number[]} */ const theirs = [];
    for (let round = 0; round < rounds; round++) {
      theirs.push(await requestsPerSecond(`${host.origin}/bare`));
      ours.push(await requestsPerSecond(`${host.origin}/vision/health`));
    }
    await host.close();
    const ratio = median(ours.map((value, index) => value / (theirs[index] ?? Number.NaN)));
    console.log(
      `  ${name.padEnd(8)} ${median(ours).toFixed(0).padStart(6)}/s   bare ${median(theirs).toFixed(0).padStart(6)}/s` +
        `   ratio ${ratio.toFixed(2)}${ratio >= GOAL ? "" : "  MISSED"}`,
    );
  }
}

/**
 * @param {string} url
 * @returns {Promise<number>}
 */
function requestsPerSecond(url) {
  const script = fileURLToPath(new URL("load.mjs", import.meta.url));
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [script, url, String(CONNECTIONS), String(MILLISECONDS)], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    let text = "";
    child.stdout.on("data", (chunk) => {
      text += chunk;
    });
    child.on("error", reject);
    child.on("close", (code) => {
      if (code !== 0) return reject(new Error(`load.mjs ended with ${code}`));
      const { requests, seconds } = JSON.parse(text);
      resolve(requests / seconds);
    });
  });
}
