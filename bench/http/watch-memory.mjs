// @ts-check
/** Short against an upload, which takes a second. */
const EVERY_MS = 2;

/** Looks at this process's memory, all that the system counts for it, again and again. */
export function watchMemory() {
  const idle = process.memoryUsage.rss();
  let highest = idle;
  const look = () => {
    highest = Math.max(highest, process.memoryUsage.rss());
  };
  const timer = setInterval(look, EVERY_MS);
  return {
    /** Both in bytes. */
    stop() {
      clearInterval(timer);
      look();
      return { idle, highest };
    },
  };
}
