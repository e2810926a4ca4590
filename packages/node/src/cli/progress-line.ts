const CLEAR_LINE = "\r\u001b[2K";

/** For terminals that do not know their width, or say 0. */
const ASSUMED_COLUMNS = 80;

/** The one line on standard error that says what goes on. Silent unless standard error is a terminal. */
export interface ProgressLine {
  show(text: string): void;
  clear(): void;
}

export function createProgressLine(stream: NodeJS.WriteStream = process.stderr): ProgressLine {
  if (!stream.isTTY) return { show: () => undefined, clear: () => undefined };
  let shown = false;
  return {
    show(text) {
      // A longer line would wrap, and clearing would leave its first part behind.
      stream.write(CLEAR_LINE + text.slice(0, (stream.columns || ASSUMED_COLUMNS) - 1));
      shown = true;
    },
    clear() {
      if (shown) stream.write(CLEAR_LINE);
      shown = false;
    },
  };
}
