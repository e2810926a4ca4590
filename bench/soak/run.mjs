// @ts-check
import { createSegmenter } from "@maskery/node";
import { readMemory } from "./memory.mjs";
import { useSession } from "./one-session.mjs";
import { neverSeen, smallPictures } from "./pictures.mjs";

const WARM_UP_SESSIONS = 1000;
const LINE_EACH = 1000;
const NEW_PICTURE_EACH = 5;
const MOST_GROWTH = 0.1;
/** Small, so that they are full long before the warm-up ends. */
const EMBEDDING_CACHE_BYTES = 24e6;
const RESULT_CACHE_BYTES = 8e6;

const sessions = Number(process.argv[2] ?? 10_000);
const pictures = await smallPictures();
const segmenter = await createSegmenter({
  threads: 1,
  embeddingCache: { maxBytes: EMBEDDING_CACHE_BYTES },
  resultCache: { maxBytes: RESULT_CACHE_BYTES },
});

let turn = 0;
/** @param {number} count */
async function openSessions(count) {
  for (let session = 0; session < count; session++) {
    turn++;
    const picture = pictures[turn % pictures.length];
    if (!picture) throw new Error("There are no pictures.");
    // The number of pictures and of turns between new ones share a factor, hence the division.
    const isNew = Math.floor(turn / pictures.length) % NEW_PICTURE_EACH === 0;
    await useSession(segmenter, isNew ? neverSeen(picture.pixels, turn) : picture.bytes, turn);
  }
}

const line = (/** @type {string} */ label, /** @type {Awaited<ReturnType<typeof readMemory>>} */ memory) =>
  console.log(
    `${label.padStart(10)}  ${memory.resident.toFixed(1).padStart(8)}  ${memory.heap.toFixed(1).padStart(6)}  ${memory.external.toFixed(1).padStart(8)}`,
  );

console.log(`${sessions} sessions after ${WARM_UP_SESSIONS} to warm up, Node ${process.version}; megabytes`);
console.log("  sessions  resident    heap  external");
const beganAt = performance.now();
await openSessions(WARM_UP_SESSIONS);
const begin = await readMemory();
line("warm", begin);
let end = begin;
for (let done = 0; done < sessions; ) {
  const count = Math.min(LINE_EACH, sessions - done);
  await openSessions(count);
  done += count;
  end = await readMemory();
  line(String(done), end);
}
const { embeddings, results } = await segmenter.cacheStats();
await segmenter.dispose();

const minutes = (performance.now() - beganAt) / 60_000;
console.log(
  `${embeddings.encodes} pictures encoded, ${embeddings.memory.evictions} embeddings and ${results.evictions} results evicted, ${minutes.toFixed(1)} minutes`,
);
const growth = { resident: end.resident / begin.resident - 1, heap: end.heap / begin.heap - 1 };
const percent = (/** @type {number} */ share) => `${share < 0 ? "" : "+"}${(share * 100).toFixed(1)}%`;
const held = growth.resident <= MOST_GROWTH && growth.heap <= MOST_GROWTH;
console.log(
  `resident ${percent(growth.resident)}, heap ${percent(growth.heap)} (goal: at most +10%): ${held ? "held" : "MISSED"}`,
);
process.exitCode = held ? 0 : 1;
