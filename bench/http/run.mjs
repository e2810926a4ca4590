// @ts-check
import { cpus, loadavg } from "node:os";
import { measureClick } from "./measure-click.mjs";
import { measureHealth } from "./measure-health.mjs";
import { measureImport } from "./measure-import.mjs";
import { measureUpload } from "./measure-upload.mjs";

const [only = "all", rounds, mounts] = process.argv.slice(2);
const wanted = (/** @type {string} */ name) => only === "all" || only === name;
const chosen = mounts?.split(",");
console.log(
  `${cpus().length} × ${cpus()[0]?.model}, Node ${process.version}, load ${loadavg()[0]?.toFixed(1)}`,
);
if (wanted("health")) await measureHealth(Number(rounds ?? 21), chosen);
if (wanted("click")) await measureClick(Number(rounds ?? 21), chosen);
if (wanted("upload")) await measureUpload(Number(rounds ?? 3), chosen);
if (wanted("import")) await measureImport(Number(rounds ?? 5));
