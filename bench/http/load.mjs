// @ts-check
/**
 * Asks one address over and over from a process of its own, so that the server has its processor to itself:
 *   node load.mjs <url> <connections> <milliseconds>
 * Prints { "requests": …, "seconds": … } for the second half of the time.
 */
import { Agent, get } from "node:http";

const [url = "", connections = "4", milliseconds = "2000"] = process.argv.slice(2);
const agent = new Agent({ keepAlive: true, maxSockets: Number(connections) });
const half = Number(milliseconds) / 2;
let counting = false;
let running = true;
let requests = 0;

async function ask() {
  while (running) {
    await new Promise((resolve, reject) => {
      get(url, { agent }, (response) => {
        if (response.statusCode !== 200) reject(new Error(`status ${response.statusCode}`));
        response.resume().on("end", () => resolve(undefined));
      }).on("error", reject);
    });
    if (counting) requests++;
  }
}

const asking = Promise.all(Array.from({ length: Number(connections) }, ask));
await new Promise((resolve) => setTimeout(resolve, half));
counting = true;
const startedAt = performance.now();
await new Promise((resolve) => setTimeout(resolve, half));
const seconds = (performance.now() - startedAt) / 1000;
running = false;
console.log(JSON.stringify({ requests, seconds }));
await asking;
agent.destroy();
