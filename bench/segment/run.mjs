// @ts-check
import { cpus } from "node:os";
import { measureEventLoop } from "./measure-event-loop.mjs";
import { measureOverhead } from "./measure-overhead.mjs";

const rounds = Number(process.argv[2] ?? 30);
console.log(`${cpus().length} × ${cpus()[0]?.model}, Node ${process.version}, 1920 × 1080 JPEG, one click`);
await measureEventLoop(rounds);
await measureOverhead(rounds);
