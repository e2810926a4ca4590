import { describe, expect, it } from "vitest";
import { SingleFlight } from "./single-flight.js";

function deferred<Value>() {
  let resolve!: (value: Value) => void;
  let reject!: (error: Error) => void;
  const promise = new Promise<Value>((onResolve, onReject) => {
    resolve = onResolve;
    reject = onReject;
  });
  return { promise, resolve, reject };
}

describe("SingleFlight", () => {
  it("computes once for callers that overlap, again for later ones", async () => {
    const flights = new SingleFlight<number>();
    const work = deferred<number>();
    let computations = 0;
    const compute = () => {
      computations++;
      return work.promise;
    };
    const calls = [flights.run("a", compute), flights.run("a", compute), flights.run("a", compute)];
    work.resolve(7);
    expect(await Promise.all(calls)).toEqual([7, 7, 7]);
    expect(computations).toBe(1);
    expect(flights.size).toBe(0);
    await flights.run("a", compute);
    expect(computations).toBe(2);
  });

  it("keeps keys apart", async () => {
    const flights = new SingleFlight<string>();
    expect(await Promise.all(["a", "b"].map((key) => flights.run(key, async () => key)))).toEqual(["a", "b"]);
  });

  it("forgets a failed computation", async () => {
    const flights = new SingleFlight<number>();
    await expect(flights.run("a", async () => Promise.reject(new Error("no")))).rejects.toThrow("no");
    expect(await flights.run("a", async () => 1)).toBe(1);
  });

  it("lets one caller leave and goes on for the others", async () => {
    const flights = new SingleFlight<number>();
    const work = deferred<number>();
    let signal: AbortSignal | undefined;
    const compute = (given: AbortSignal) => {
      signal = given;
      return work.promise;
    };
    const leaving = new AbortController();
    const first = flights.run("a", compute, { signal: leaving.signal });
    const second = flights.run("a", compute);
    leaving.abort();
    await expect(first).rejects.toMatchObject({ code: "ABORTED" });
    expect(signal?.aborted).toBe(false);
    work.resolve(3);
    expect(await second).toBe(3);
  });

  it("aborts the computation when the last caller leaves, and starts afresh for the next", async () => {
    const flights = new SingleFlight<number>();
    const signals: AbortSignal[] = [];
    const never = (signal: AbortSignal) => {
      signals.push(signal);
      return new Promise<number>((_resolve, reject) =>
        signal.addEventListener("abort", () => reject(new Error("stopped"))),
      );
    };
    const controllers = [new AbortController(), new AbortController()];
    const calls = controllers.map(({ signal }) => flights.run("a", never, { signal }));
    for (const controller of controllers) controller.abort();
    for (const call of calls) await expect(call).rejects.toMatchObject({ code: "ABORTED" });
    expect(signals.map((signal) => signal.aborted)).toEqual([true]);
    expect(await flights.run("a", async () => 5)).toBe(5);
  });

  it("refuses a caller whose signal has fired already, without computing", async () => {
    const flights = new SingleFlight<number>();
    let computed = false;
    const call = flights.run(
      "a",
      async () => {
        computed = true;
        return 1;
      },
      { signal: AbortSignal.abort() },
    );
    await expect(call).rejects.toMatchObject({ code: "ABORTED" });
    expect(computed).toBe(false);
  });

  it("leaves no listener on a caller's signal", async () => {
    const flights = new SingleFlight<number>();
    const { signal } = new AbortController();
    let listeners = 0;
    const add = signal.addEventListener.bind(signal);
    const remove = signal.removeEventListener.bind(signal);
    signal.addEventListener = (...args: Parameters<typeof add>) => {
      listeners++;
      add(...args);
    };
    signal.removeEventListener = (...args: Parameters<typeof remove>) => {
      listeners--;
      remove(...args);
    };
    await flights.run("a", async () => 1, { signal });
    expect(listeners).toBe(0);
  });
});
