// @ts-check
import { fork } from "node:child_process";
import { createHash } from "node:crypto";
import { request as httpRequest } from "node:http";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { fileURLToPath } from "node:url";
import { crc32, createDeflate } from "node:zlib";

const MEGABYTE = 1024 * 1024;
const UPLOAD_BYTES = 49 * MEGABYTE;
const GOAL_MB = 40;

/** Uploads a picture of about 50 MB and watches how much memory the server takes above idle. */
export async function measureUpload() {
  const server = fork(fileURLToPath(new URL("upload-server.mjs", import.meta.url)));
  const port = await new Promise((resolve, reject) => {
    server.once("message", resolve);
    server.once("error", reject);
    server.once("exit", (code) => reject(new Error(`The server ended with ${code}.`)));
  });
  const origin = `http://127.0.0.1:${port}`;
  const memory = async () => Number(await (await fetch(`${origin}/memory`)).text());
  // A small upload first, so that everything that is loaded once is there.
  await upload(origin, 1 * MEGABYTE);
  const idle = await memory();
  let highest = idle;
  const watching = setInterval(async () => {
    highest = Math.max(highest, await memory());
  }, 10);
  const startedAt = performance.now();
  await upload(origin, UPLOAD_BYTES);
  const seconds = (performance.now() - startedAt) / 1000;
  clearInterval(watching);
  highest = Math.max(highest, await memory());
  server.disconnect();
  const above = (highest - idle) / MEGABYTE;
  console.log(
    `\nupload of ${UPLOAD_BYTES / MEGABYTE} MB in ${seconds.toFixed(1)} s: ${(idle / MEGABYTE).toFixed(0)} MB idle, ` +
      `${above.toFixed(1)} MB above it; goal: under ${GOAL_MB} MB${above < GOAL_MB ? "" : "  MISSED"}`,
  );
}

/**
 * Sends a PNG of noise as it is made, so that this process holds none of it either. Stored without compression, it is as
 * large as its pixels.
 * @param {string} origin
 * @param {number} bytes
 */
function upload(origin, bytes) {
  const width = 4096;
  const height = Math.floor(bytes / (3 * width));
  const boundary = "maskery-bench";
  return new Promise((resolve, reject) => {
    const sending = httpRequest(
      `${origin}/upload`,
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
