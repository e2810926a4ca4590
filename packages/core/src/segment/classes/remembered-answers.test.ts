import { describe, expect, test } from "vitest";
import { CacheEvents } from "../../cache/cache-events.js";
import { Mask } from "../../mask/mask.js";
import { createResultCache } from "../result-cache.js";
import { type MadeAnswer, type ProgressListener, RememberedAnswers } from "./remembered-answers.js";

const result = { masks: [Mask.fromBitmap(Uint8Array.of(255, 0), 2, 1)] };
const complete: MadeAnswer = { result, isComplete: true };

/** An answer that is made when the test says so. */
function slowAnswer() {
  let finish: (answer: MadeAnswer) => void = () => undefined;
  let fail: (error: Error) => void = () => undefined;
  const answer = new Promise<MadeAnswer>((resolve, reject) => {
    finish = resolve;
    fail = reject;
  });
  const runs: { readonly signal: AbortSignal | undefined; readonly onProgress: ProgressListener }[] = [];
  const make = (run: (typeof runs)[number]) => {
    runs.push(run);
    return answer;
  };
  return { finish, fail, runs, make };
}

const answersWith = (maxBytes = 1000) =>
  new RememberedAnswers(createResultCache({ maxBytes }, new CacheEvents()));

describe("RememberedAnswers", () => {
  test("asks once, and tells afterwards that it remembered", async () => {
    const answers = answersWith();
    const { make, finish, runs } = slowAnswer();
    finish(complete);
    expect(await answers.answer("key", {}, make)).toEqual({ ...complete, cached: false });
    const progress: number[] = [];
    const again = await answers.answer("key", { onProgress: (fraction) => progress.push(fraction) }, make);
    expect(again).toEqual({ ...complete, cached: true });
    expect(progress).toEqual([1]);
    expect(runs).toHaveLength(1);
    await answers.answer("another key", {}, make);
    expect(runs).toHaveLength(2);
  });

  test("callers with the same question share one run, and all of them are told how far it is", async () => {
    const answers = answersWith();
    const { make, finish, runs } = slowAnswer();
    const seen: string[] = [];
    const leaving = new AbortController();
    const calls = [
      answers.answer("key", { onProgress: (fraction) => seen.push(`one ${fraction}`) }, make),
      answers.answer("key", { onProgress: (fraction) => seen.push(`two ${fraction}`) }, make),
      answers.answer("key", { onProgress: () => fail() }, make),
    ];
    const left = answers.answer(
      "key",
      { signal: leaving.signal, onProgress: (fraction) => seen.push(`left ${fraction}`) },
      make,
    );
    leaving.abort();
    await expect(left).rejects.toMatchObject({ code: "ABORTED" });
    expect(runs).toHaveLength(1);
    expect(runs[0]!.signal!.aborted).toBe(false);
    runs[0]!.onProgress(0.5);
    finish(complete);
    for (const answer of await Promise.all(calls)) expect(answer).toEqual({ ...complete, cached: false });
    expect(seen).toEqual(["one 0.5", "two 0.5"]);

    function fail(): never {
      throw new Error("a listener's own trouble");
    }
  });

  test("the last caller who leaves ends the run", async () => {
    const answers = answersWith();
    const { make, runs } = slowAnswer();
    const leaving = new AbortController();
    const call = answers.answer("key", { signal: leaving.signal }, make);
    leaving.abort();
    await expect(call).rejects.toMatchObject({ code: "ABORTED" });
    expect(runs[0]!.signal!.aborted).toBe(true);
  });

  test("forgets a failure", async () => {
    const answers = answersWith();
    const broken = slowAnswer();
    broken.fail(new Error("broken"));
    await expect(answers.answer("key", {}, broken.make)).rejects.toThrow("broken");
    const { make, finish } = slowAnswer();
    finish(complete);
    expect(await answers.answer("key", {}, make)).toMatchObject({ cached: false });
  });

  test.each([
    ["an answer that was cut short", answersWith(), "key", { result, isComplete: false }],
    ["what has no key", answersWith(), undefined, complete],
    ["anything without memory for it", answersWith(0), "key", complete],
  ] as const)("does not remember %s", async (_, answers, key, answer) => {
    const { make, finish, runs } = slowAnswer();
    finish(answer);
    for (const count of [1, 2]) {
      expect(await answers.answer(key, {}, make)).toEqual({ ...answer, cached: false });
      expect(runs).toHaveLength(count);
    }
  });

  test("makes an answer for one caller alone where that is asked, with this caller's signal", async () => {
    const answers = answersWith();
    const { make, finish, runs } = slowAnswer();
    const { signal } = new AbortController();
    const calls = [
      answers.answer("key", { signal }, make, { alone: true }),
      answers.answer("key", {}, make, { alone: true }),
    ];
    finish(complete);
    await Promise.all(calls);
    expect(runs.map((run) => run.signal)).toEqual([signal, undefined]);
    expect(await answers.answer("key", {}, make)).toMatchObject({ cached: true });
  });
});
