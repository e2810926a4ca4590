// @ts-check
import { createFolderModelStore, createOnnxRuntime, findModel, placeModelLocally } from "@maskery/node";
import { inMs, median } from "../shared/statistics.mjs";

/** @param {number} rounds */
export async function measureSharing(rounds) {
  const { spec, folder } = await findModel("nano");
  /** @type {Record<"shared" | "apart", { ms: number[], megabytes: number[] }>} */
  const found = { shared: { ms: [], megabytes: [] }, apart: { ms: [], megabytes: [] } };
  for (let round = 0; round < rounds; round++) {
    for (const way of /** @type {const} */ (["shared", "apart"])) {
      const runtime = createOnnxRuntime({ shareGraphs: way === "shared" });
      const load = () => placeModelLocally(spec, createFolderModelStore(folder), runtime, { device: "cpu" });
      await load();
      const before = process.memoryUsage.rss();
      const startedAt = performance.now();
      await load();
      found[way].ms.push(performance.now() - startedAt);
      found[way].megabytes.push((process.memoryUsage.rss() - before) / 1e6);
      await runtime.dispose();
    }
  }
  for (const way of /** @type {const} */ (["shared", "apart"])) {
    const { ms, megabytes } = found[way];
    console.log(`second load      ${way} ${inMs(median(ms))}, ${median(megabytes).toFixed(1)} MB more`);
  }
}
