// @ts-check
import { cpus } from "node:os";
import { measureKeptFeeds } from "./measure-kept-feeds.mjs";
import { measureMemorySettings } from "./measure-memory-settings.mjs";
import { measureSharing } from "./measure-sharing.mjs";
import { measureWarmUp } from "./measure-warm-up.mjs";

const rounds = Number(process.argv[2] ?? 40);
console.log(`${cpus().length} × ${cpus()[0]?.model}, Node ${process.version}`);
await measureKeptFeeds(rounds);
await measureSharing(Math.ceil(rounds / 8));
await measureWarmUp(Math.ceil(rounds / 8));
await measureMemorySettings(rounds);
