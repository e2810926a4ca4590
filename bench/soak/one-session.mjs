// @ts-check
/** @import { ImageSource, Segmenter } from "@maskery/node" */

const EVERYTHING_EACH = 100;
const CUTOUT_EACH = 20;
const ABORT_EACH = 10;
const HOVER_EACH = 5;
const JSON_EACH = 7;

/**
 * Opens, uses and disposes one session.
 * @param {Segmenter} segmenter
 * @param {ImageSource} image
 * @param {number} turn Decides what the session does besides clicking.
 */
export async function useSession(segmenter, image, turn) {
  const session = await segmenter.open(image);
  const { width, height } = session.image;
  // Places that repeat only after a while, so that the cache of results both hits and evicts.
  const first = { x: (turn * 37) % width, y: (turn * 23) % height };
  const { best } = await session.segment([first]);
  const second = { x: (turn * 53) % width, y: (turn * 41) % height, label: /** @type {0 | 1} */ (turn % 2) };
  const refined = await session.segment([first, second]);
  session.history.undo();
  session.masks.add(best, { name: "first" });
  session.masks.add(refined.best);
  session.maskAt(first.x, first.y);
  session.combine(["m1", "m2"]);
  if (turn % HOVER_EACH === 0) {
    const hover = session.hover();
    await Promise.all([first, second, { x: 1, y: 1 }].map(({ x, y }) => hover([{ x, y }])));
  }
  if (turn % JSON_EACH === 0) session.fromJSON(JSON.parse(JSON.stringify(session)));
  if (turn % CUTOUT_EACH === 0 && !best.isEmpty) {
    await (await session.cutout(best)).encode({ format: "png" });
    await session.describe();
  }
  if (turn % ABORT_EACH === 0) await abortedCall(session);
  if (turn % EVERYTHING_EACH === 0) {
    const run = session.everything({ pointsPerSide: 6 });
    // Every other run is left in the middle.
    if (turn % (2 * EVERYTHING_EACH) === 0) for await (const _mask of run) break;
    else await run.toArray();
  }
  await session.dispose();
}

/** @param {Awaited<ReturnType<Segmenter["open"]>>} session */
async function abortedCall(session) {
  const controller = new AbortController();
  const call = session.segment([{ x: 2, y: Math.random() * (session.image.height - 1) }], {
    signal: controller.signal,
  });
  controller.abort();
  await call.catch(() => undefined);
}
