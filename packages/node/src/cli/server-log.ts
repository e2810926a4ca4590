import { MaskeryError } from "@maskery/core";

type Level = "debug" | "info" | "warn" | "error";

/** A log of lines for people and for log collectors: time, level, message, fields as JSON. */
export function createServerLog(output: NodeJS.WritableStream, verbose: boolean) {
  const write = (level: Level) => (fields: object, message: string) => {
    if (level === "debug" && !verbose) return;
    const entries = Object.entries(fields).map(([name, value]) => [name, readable(value, verbose)]);
    const details = entries.length === 0 ? "" : ` ${JSON.stringify(Object.fromEntries(entries))}`;
    output.write(`${new Date().toISOString()} ${level} ${message}${details}\n`);
  };
  return { debug: write("debug"), info: write("info"), warn: write("warn"), error: write("error") };
}

/** An error with its causes, without stacks unless they are asked for. */
function readable(value: unknown, verbose: boolean): unknown {
  if (!(value instanceof Error)) return value;
  return {
    ...(MaskeryError.is(value) && { code: value.code }),
    message: value.message,
    ...(value.cause !== undefined && { cause: readable(value.cause, verbose) }),
    ...(verbose && { stack: value.stack }),
  };
}
