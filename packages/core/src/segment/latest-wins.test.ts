import { describe, expect, it } from "vitest";
import { latestWins } from "./latest-wins.js";

/** Work that ends when the test says so. */
function controlled() {
  const begun: number[] = [];
  const finish = new Map<number, (error?: Error) => void>();
  const work = (input: number) => {
    begun.push(input);
    return new Promise<string>((resolve, reject) => {
      finish.set(input, (error) => (error ? reject(error) : resolve(`answer ${input}`)));
    });
  };
  return { begun, finish, work };
}

const settle = () => new Promise((resolve) => setTimeout(resolve));

describe("latestWins", () => {
  it("answers calls that do not overlap", async () => {
    const ask = latestWins(async (input: number) => input * 2);
    expect(await ask(1)).toBe(2);
    expect(await ask(2)).toBe(4);
  });

  it("runs the first and the last of a burst, and answers only the last", async () => {
    const { begun, finish, work } = controlled();
    const ask = latestWins(work);
    const calls = [1, 2, 3, 4].map((input) => ask(input));
    finish.get(1)!();
    await settle();
    finish.get(4)!();
    expect(await Promise.all(calls)).toEqual([undefined, undefined, undefined, "answer 4"]);
    expect(begun).toEqual([1, 4]);
  });

  it("keeps quiet about an overtaken call that fails, and rejects the latest", async () => {
    const { finish, work } = controlled();
    const ask = latestWins(work);
    const [first, second] = [ask(1), ask(2)];
    finish.get(1)!(new Error("stale"));
    expect(await first).toBeUndefined();
    await settle();
    finish.get(2)!(new Error("fresh"));
    await expect(second).rejects.toThrow("fresh");
    const third = ask(3);
    finish.get(3)!();
    expect(await third).toBe("answer 3");
  });
});
