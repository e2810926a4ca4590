// @ts-check
import { join } from "node:path";
import {
  createFolderModelStore,
  createNodePlatform,
  createOnnxRuntime,
  findModel,
  placeModelLocally,
  Segmenter,
} from "@maskery/node";
import { recordDecoderFeeds } from "../everything/recording-runtime.mjs";
import { inMs, lowerQuartile, median } from "../shared/statistics.mjs";
import { startPlainGraph } from "./plain-graph.mjs";

const THREADS = 1;
const WARM_UPS = 10;

/**
 * @param {Buffer} image
 * @param {number} rounds
 */
export async function measureCachedSegment(image, rounds) {
  const { spec, folder } = await findModel("nano");
  const recorder = recordDecoderFeeds(createOnnxRuntime());
  const placement = await placeModelLocally(spec, createFolderModelStore(folder), recorder.runtime, {
    threads: THREADS,
  });
  const segmenter = new Segmenter(placement, createNodePlatform());
  const session = await segmenter.open(image);
  const plain = await startPlainGraph(join(folder, spec.files.decoder.name), THREADS);

  recorder.start();
  await session.segment([{ x: 960, y: 540 }]);
  recorder.stop();
  const [feeds] = recorder.feeds;
  if (!feeds) throw new Error("The click ran no decoder.");

  const times = { session: [0], segmenter: [0], remembered: [0], plain: [0] };
  for (const list of Object.values(times)) list.pop();
  for (let round = 0; round < rounds + WARM_UPS; round++) {
    if (round === WARM_UPS) for (const list of Object.values(times)) list.length = 0;
    const [x, y] = [(round * 97) % 1920, (round * 61) % 1080];
    const click = [{ x, y }];
    const moved = [{ x: x + 0.5, y }];
    const time = async (/** @type {() => Promise<{ cached: boolean, imageCached: boolean }>} */ call) => {
      const startedAt = performance.now();
      const { cached, imageCached } = await call();
      return { milliseconds: performance.now() - startedAt, cached, imageCached };
    };
    times.plain.push(await plain.timeRun(feeds));
    const inSession = await time(() => session.segment(click, { refine: false }));
    times.plain.push(await plain.timeRun(feeds));
    const bySegmenter = await time(() => segmenter.segment(image, moved));
    const again = await time(() => session.segment(click, { refine: false }));
    if (inSession.cached || bySegmenter.cached || !bySegmenter.imageCached || !again.cached)
      throw new Error("A cache did not do what is measured here.");
    times.session.push(inSession.milliseconds);
    times.segmenter.push(bySegmenter.milliseconds);
    times.remembered.push(again.milliseconds);
  }
  await plain.stop();
  await session.dispose();
  await segmenter.dispose();

  const line = (/** @type {string} */ label, /** @type {readonly number[]} */ list, end = "") =>
    console.log(
      `${label.padEnd(34)} ${inMs(median(list)).padStart(8)} median, ${inMs(lowerQuartile(list)).padStart(8)} lower quartile${end}`,
    );
  const above = (/** @type {readonly number[]} */ list) =>
    `: ${inMs(median(list) - median(times.plain))} and ${inMs(lowerQuartile(list) - lowerQuartile(times.plain))} above it (goal: under 4 ms)`;
  line("one plain decoder run", times.plain);
  line("session.segment", times.session, above(times.session));
  line("segmenter.segment, from the file", times.segmenter, above(times.segmenter));
  line("session.segment, remembered", times.remembered);
}
