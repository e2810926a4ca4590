// @ts-check
import { createHash } from "node:crypto";
import { request as httpRequest } from "node:http";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { crc32, createDeflate } from "node:zlib";
import { median } from "../shared/statistics.mjs";
import { startChild } from "./child.mjs";
import { hosts } from "./hosts.mjs";

const MEGABYTE = 1024 * 1024;
const UPLOAD_BYTES = 49 * MEGABYTE;
const GOAL_MB = 40;

/** The two documents' ways to upload: what comes before it, and where it goes. */
const uploads = {
  painter: async () => "/upload",
  demo: async (/** @type {string} */ origin) => {
    const answer = await fetch(`${origin}/api/demo-sessions`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ demo_type: "image_segmentation" }),
    });
    const { session_id } = /** @type {{ session_id: string }} */ (await answer.json());
    return `/api/sessions/${session_id}/upload`;
  },
};

/**
 * Uploads a picture of about 50 MB through each mount and watches how much memory the server takes above idle.
 * @param {number} rounds
 * @param {readonly string[]} [mounts]
 */
export async function measureUpload(rounds, mounts = Object.keys(hosts)) {
  console.log(
    `\nupload of ${UPLOAD_BYTES / MEGABYTE} MB, ${rounds} times; goal: under ${GOAL_MB} MB above idle at any moment`,
  );
  for (const mount of mounts) {
    for (const [name, pathOf] of Object.entries(uploads)) {
      // A server of its own: an upload before would have left memory that this one uses again.
      const server = startChild("host-server.mjs", [mount]);
      const origin = `${await server.ask("origin")}/vision`;
      // Small uploads first, so that everything that is loaded once is there.
      for (let turn = 0; turn < 3; turn++) await upload(`${origin}${await pathOf(origin)}`, 1 * MEGABYTE);
      const above = [];
      const seconds = [];
      let idleMb = 0;
      for (let round = 0; round < rounds; round++) {
        const url = `${origin}${await pathOf(origin)}`;
        await server.ask("watchMemory");
        const startedAt = performance.now();
        await upload(url, UPLOAD_BYTES);
        seconds.push((performance.now() - startedAt) / 1000);
        const { idle, highest } = await server.ask("memory");
        if (round === 0) idleMb = idle / MEGABYTE;
        above.push(highest / MEGABYTE - idleMb);
      }
      const most = Math.max(...above);
      console.log(
        `  ${mount.padEnd(8)} ${name.padEnd(8)} ${idleMb.toFixed(0)} MB idle, ${median(above).toFixed(1)} MB above it, at most ${most.toFixed(1)} MB` +
          `   ${median(seconds).toFixed(2)} s${most < GOAL_MB ? "" : "  MISSED"}`,
      );
      await server.close();
    }
  }
}

/**
 * Sends a PNG of noise as it is made, so that this process holds none of it either. Stored without compression, it is as
 * large as its pixels.
 * @param {string} url
 * @param {number} bytes
 */
function upload(url, bytes) {
  const width = 4096;
  const height = Math.floor(bytes / (3 * width));
  const boundary = "maskery-bench";
  return new Promise((resolve, reject) => {
    const sending = httpRequest(
      url,
      { method: "POST", headers: { "content-type": `multipart/form-data; boundary=${boundary}` } },
      (response) => {
        let text = "";
        response.setEncoding("utf8").on("data", (chunk) => {
          text += chunk;
        });
        response.on("end", () =>
          response.statusCode === 200
            ? resolve(undefined)
            : reject(new Error(`${response.statusCode}: ${text}`)),
        );
      },
    ).on("error", reject);
    pipeline(form(boundary, width, height), sending).catch(reject);
  });
}

/**
 * @param {string} boundary
 * @param {number} width
 * @param {number} height
 */
async function* form(boundary, width, height) {
  yield Buffer.from(
    `--${boundary}\r\ncontent-disposition: form-data; name="file"; filename="noise.png"\r\ncontent-type: image/png\r\n\r\n`,
  );
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width, 0);
  head.writeUInt32BE(height, 4);
  head.set([8, 2, 0, 0, 0], 8); // 8 bits, RGB
  yield Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  yield chunk("IHDR", head);
  const stored = createDeflate({ level: 0 });
  pipeline(Readable.from(rows(width, height)), stored).catch((error) => stored.destroy(error));
  for await (const part of stored) yield chunk("IDAT", part);
  yield chunk("IEND", Buffer.alloc(0));
  yield Buffer.from(`\r\n--${boundary}--\r\n`);
}

/**
 * @param {number} width
 * @param {number} height
 */
function* rows(width, height) {
  for (let row = 0; row < height; row++) {
    const line = Buffer.alloc(1 + width * 3, createHash("sha256").update(String(row)).digest());
    line[0] = 0; // no filter
    yield line;
  }
}

/**
 * @param {string} type
 * @param {Buffer} data
 */
function chunk(type, data) {
  const typed = Buffer.concat([Buffer.from(type), data]);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(data.length);
  const sum = Buffer.alloc(4);
  sum.writeUInt32BE(crc32(typed));
  return Buffer.concat([length, typed, sum]);
}
