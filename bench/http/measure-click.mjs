// @ts-check
import { readFile } from "node:fs/promises";
import { Agent, request as httpRequest } from "node:http";
import { createSegmentationClient } from "@maskery/http-adapter/client";
import { inMs, median, quantile } from "../shared/statistics.mjs";
import { startChild } from "./child.mjs";
import { hosts } from "./hosts.mjs";

const photo = new URL("../../examples/photos/rocket.jpg", import.meta.url);
const point = { x: 320, y: 213 };
const CLICKS = 10;
const WARM_UP_ROUNDS = 3;
const GOAL_MS = 3;

/**
 * A click whose answer is remembered, `POST /generate-mask-at-point-cached`, through each mount: against the same click in the
 * server's own process, its mask written as the same PNG, and against a bare handler with the same bytes. A few of each take turns.
 * @param {number} rounds
 * @param {readonly string[]} [mounts]
 */
export async function measureClick(rounds, mounts = Object.keys(hosts)) {
  console.log(
    `\ncached click, ${rounds} rounds of ${CLICKS} each way; goal: within ${GOAL_MS} ms of the call in process`,
  );
  const picture = await readFile(photo);
  for (const mount of mounts) {
    const server = startChild("host-server.mjs", [mount]);
    const origin = await server.ask("origin");
    await server.ask("openForClicks", { picture: picture.toString("base64"), point });
    const { painter } = createSegmentationClient({ baseUrl: `${origin}/vision` });
    const { session_id } = await painter.upload(picture, { filename: "rocket.jpg" });
    const body = JSON.stringify({ session_id, point: [point.x, point.y] });
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const click = () => post(`${origin}/vision/generate-mask-at-point-cached`, body, agent);
    const bare = () => post(`${origin}/bare`, body, agent);
    await click();
    await server.ask("answerBareWith", await click());
    const ways = { ours: () => timed(click), bare: () => timed(bare), inProcess: () => server.ask("click") };
    const taken = /** @type {const} */ (["ours", "bare", "inProcess"]).map((name) => ({
      name,
      /** @type {number[]} */ milliseconds: [],
      /** @type {number[]} */ cpuMilliseconds: [],
    }));
    for (let round = -WARM_UP_ROUNDS; round < rounds; round++)
      for (const { name, milliseconds, cpuMilliseconds } of taken) {
        const before = await server.ask("cpuMicroseconds");
        const times = [];
        for (let turn = 0; turn < CLICKS; turn++) times.push(await ways[name]());
        const after = await server.ask("cpuMicroseconds");
        if (round < 0) continue;
        milliseconds.push(...times);
        cpuMilliseconds.push((after - before) / 1000 / CLICKS);
      }
    agent.destroy();
    await server.close();
    const [ours, theirs, inProcess] = taken.map(({ milliseconds, cpuMilliseconds }) => ({
      median: median(milliseconds),
      late: quantile(milliseconds, 0.95),
      cpu: median(cpuMilliseconds),
    }));
    if (!ours || !theirs || !inProcess) continue;
    const above = ours.median - inProcess.median;
    const lateAbove = ours.late - inProcess.late;
    console.log(
      `  ${mount.padEnd(8)} median ${inMs(ours.median)}, in process ${inMs(inProcess.median)}, above it ${inMs(above)}` +
        `   95 of 100 within ${inMs(ours.late)}, in process ${inMs(inProcess.late)}, above it ${inMs(lateAbove)}` +
        `   CPU ${inMs(ours.cpu)}, in process ${inMs(inProcess.cpu)}   bare ${inMs(theirs.median)}, 95 of 100 within ${inMs(theirs.late)}` +
        `${Math.max(above, lateAbove) <= GOAL_MS ? "" : "  MISSED"}`,
    );
  }
}

/** @param {() => Promise<unknown>} work */
async function timed(work) {
  const startedAt = performance.now();
  await work();
  return performance.now() - startedAt;
}

/**
 * @param {string} url
 * @param {string} body
 * @param {Agent} agent
 * @returns {Promise<string>}
 */
function post(url, body, agent) {
  return new Promise((resolve, reject) => {
    const headers = { "content-type": "application/json", "content-length": Buffer.byteLength(body) };
    httpRequest(url, { method: "POST", agent, headers }, (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (chunk) => {
        text += chunk;
      });
      response.on("end", () =>
        response.statusCode === 200 ? resolve(text) : reject(new Error(`${response.statusCode}: ${text}`)),
      );
    })
      .on("error", reject)
      .end(body);
  });
}
