// @ts-check
import { cpus } from "node:os";
import { measureMemory } from "./measure-memory.mjs";
import { measureRun } from "./measure-run.mjs";
import { fullHdPhoto } from "./picture.mjs";

const rounds = Number(process.argv[2] ?? 3);
const photo = process.argv[3] ?? "coffee.png";
console.log(
  `${cpus().length} × ${cpus()[0]?.model}, Node ${process.version}, 32 × 32 points on ${photo} at 1920 × 1080`,
);
const image = await fullHdPhoto(photo);
await measureMemory(image);
await measureRun(image, rounds);
