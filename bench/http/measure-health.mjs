// @ts-check
import { median, quantile } from "../shared/statistics.mjs";
import { startChild } from "./child.mjs";
import { hosts } from "./hosts.mjs";

const CONNECTIONS = 8;
const SLICE_MS = 250;
const WARM_UP_MS = 1500;
const GOAL = 0.5;

/**
 * `GET /health` through each mount against a bare handler of the same framework with the same bytes. Short slices take turns,
 * so that whatever else the machine does meets both; the processor time that the server spent on a request leaves it out.
 * @param {number} rounds
 * @param {readonly string[]} mounts
 */
export async function measureHealth(rounds, mounts = Object.keys(hosts)) {
  console.log(
    `\nGET /health, ${CONNECTIONS} connections, ${rounds} rounds of ${SLICE_MS} ms each way; goal: at least ${GOAL} of the bare handler`,
  );
  const client = startChild("load.mjs");
  for (const mount of mounts) {
    const server = startChild("host-server.mjs", [mount]);
    const origin = await server.ask("origin");
    const paths = { ours: `${origin}/vision/health`, bare: `${origin}/bare` };
    await server.ask("answerBareWith", await (await fetch(paths.ours)).text());
    const slice = async (/** @type {string} */ url, milliseconds = SLICE_MS) => {
      const before = await server.ask("cpuMicroseconds");
      const { requests, seconds } = await client.ask("load", { url, connections: CONNECTIONS, milliseconds });
      const after = await server.ask("cpuMicroseconds");
      return { perSecond: requests / seconds, cpu: (after - before) / requests };
    };
    await slice(paths.ours, WARM_UP_MS);
    await slice(paths.bare, WARM_UP_MS);
    const taken = [];
    for (let round = 0; round < rounds; round++) {
      // Who comes first takes turns too.
      const first = round % 2 === 0 ? "ours" : "bare";
      const one = await slice(paths[first]);
      const other = await slice(paths[first === "ours" ? "bare" : "ours"]);
      taken.push(first === "ours" ? { ours: one, bare: other } : { ours: other, bare: one });
    }
    await server.close();
    const ratios = taken.map(({ ours, bare }) => ours.perSecond / bare.perSecond);
    const cpuRatios = taken.map(({ ours, bare }) => bare.cpu / ours.cpu);
    const reached = median(ratios) >= GOAL && median(cpuRatios) >= GOAL;
    console.log(
      `  ${mount.padEnd(8)}` +
        `${median(taken.map(({ ours }) => ours.perSecond))
          .toFixed(0)
          .padStart(6)}/s  bare ${median(taken.map(({ bare }) => bare.perSecond))
          .toFixed(0)
          .padStart(6)}/s  ratio ${spread(ratios)}` +
        `   CPU ${median(taken.map(({ ours }) => ours.cpu)).toFixed(0)} µs  bare ${median(taken.map(({ bare }) => bare.cpu)).toFixed(0)} µs  ratio ${spread(cpuRatios)}` +
        `${reached ? "" : "  MISSED"}`,
    );
  }
  await client.close();
}

/** @param {readonly number[]} values */
function spread(values) {
  return `${median(values).toFixed(2)} (${quantile(values, 0.1).toFixed(2)} to ${quantile(values, 0.9).toFixed(2)})`;
}
