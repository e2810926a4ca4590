// @ts-check
import { cpus } from "node:os";
import { createSegmentationApi } from "@maskery/http-adapter";
import { createSegmenter } from "@maskery/node";
import { measureClick } from "./measure-click.mjs";
import { measureHealth } from "./measure-health.mjs";
import { measureUpload } from "./measure-upload.mjs";

const rounds = Number(process.argv[2] ?? 3);
const only = process.argv[3];
console.log(`${cpus().length} × ${cpus()[0]?.model}, Node ${process.version}`);
const segmenter = await createSegmenter();
const api = createSegmentationApi({ segmenter });
if (!only || only === "health") await measureHealth(api, rounds);
if (!only || only === "click") await measureClick(api, segmenter, rounds * 30);
await api.close();
await segmenter.dispose();
if (!only || only === "upload") await measureUpload();
