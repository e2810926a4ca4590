// @ts-check

export const TIMER_MS = 5;

/** Starts a timer and notes the longest time between two of its turns, in milliseconds. */
export function watchEventLoop() {
  let longest = 0;
  let last = performance.now();
  const timer = setInterval(() => {
    const now = performance.now();
    longest = Math.max(longest, now - last);
    last = now;
  }, TIMER_MS);
  return {
    stop() {
      clearInterval(timer);
      // The last stretch counts too, though the timer did not see its end.
      longest = Math.max(longest, performance.now() - last);
      return longest;
    },
  };
}
