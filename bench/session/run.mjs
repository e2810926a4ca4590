// @ts-check
import { cpus } from "node:os";
import { fullHdPhoto } from "../everything/picture.mjs";
import { measureCachedSegment } from "./measure-cached-segment.mjs";
import { measureMaskAt } from "./measure-mask-at.mjs";

const rounds = Number(process.argv[2] ?? 60);
console.log(`${cpus().length} × ${cpus()[0]?.model}, Node ${process.version}, coffee.png at 1920 × 1080`);
const image = await fullHdPhoto("coffee.png");
await measureMaskAt(image);
await measureCachedSegment(image, rounds);
