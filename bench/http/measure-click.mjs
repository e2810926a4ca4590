// @ts-check
import { readFile } from "node:fs/promises";
import { Agent, request as httpRequest } from "node:http";
import { createSegmentationClient } from "@maskery/http-adapter/client";
import { inMs, median } from "../shared/statistics.mjs";
import { hosts } from "./hosts.mjs";

/** @import { SegmentationApi } from "@maskery/http-adapter" */
/** @import { Segmenter } from "@maskery/node" */

const photo = new URL("../../examples/photos/rocket.jpg", import.meta.url);
const GOAL_MS = 3;

/**
 * A click whose answer is remembered, `POST /generate-mask-at-point-cached`, through each mount: against a bare handler with
 * the same bytes, and against the same click in process, its mask written as the same PNG.
 * @param {SegmentationApi} api
 * @param {Segmenter} segmenter
 * @param {number} clicks
 */
export async function measureClick(api, segmenter, clicks) {
  const picture = await readFile(photo);
  const session = await segmenter.open(picture);
  const point = { x: Math.round(session.image.width / 2), y: Math.round(session.image.height / 2) };
  const inProcess = await timed(clicks, async () => {
    const { best } = await session.segment([point]);
    await best.toPng({ bitDepth: 1 });
  });
  await session.dispose();
  console.log(
    `\ncached click, ${clicks} times; goal: within ${GOAL_MS} ms of the call in process (${inMs(inProcess)})`,
  );

  for (const [name, start] of Object.entries(hosts)) {
    let bytes = "";
    const host = await start(api, () => bytes);
    const { painter } = createSegmentationClient({ baseUrl: `${host.origin}/vision` });
    const { session_id } = await painter.upload(picture, { filename: "rocket.jpg" });
    const body = JSON.stringify({ session_id, point: [point.x, point.y] });
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const click = () => post(`${host.origin}/vision/generate-mask-at-point-cached`, body, agent);
    await click();
    bytes = await click();
    const ours = await timed(clicks, click);
    const theirs = await timed(clicks, () => post(`${host.origin}/bare`, body, agent));
    agent.destroy();
    await host.close();
    const above = ours - inProcess;
    console.log(
      `  ${name.padEnd(8)} ${inMs(ours)}   bare ${inMs(theirs)}   ratio ${(theirs / ours).toFixed(2)}   ` +
        `above in process ${inMs(above)}${above <= GOAL_MS ? "" : "  MISSED"}`,
    );
  }
}

/**
 * @param {number} times
 * @param {() => Promise<unknown>} work
 * @returns {Promise<number>} The median, in milliseconds.
 */
async function timed(times, work) {
  for (let turn = 0; turn < 5; turn++) await work();
  const values = [];
  for (let turn = 0; turn < times; turn++) {
    const startedAt = performance.now();
    await work();
    values.push(performance.now() - startedAt);
  }
  return median(values);
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
