import { inspect } from "node:util";
import { MaskeryError } from "@maskery/core";
import { type Command, CommanderError } from "commander";
import {
  EXIT_BAD_INPUT,
  EXIT_FAILURE,
  EXIT_INTERRUPTED,
  EXIT_TERMINATED,
  exitCodeFor,
} from "./exit-codes.js";
import { createProgressLine, type ProgressLine } from "./progress-line.js";

/** What every command is given. */
export interface CommandContext {
  /** Fires on Ctrl-C and on SIGTERM. */
  readonly signal: AbortSignal;
  readonly progress: ProgressLine;
}

/** `runCommand`, handed to the commands. */
export type CommandRunner = (work: (context: CommandContext) => Promise<void>) => Promise<void>;

/** Parses the arguments and runs the command they name. Sets the exit code; never throws. */
export async function parseCommandLine(program: Command, argv: readonly string[]): Promise<void> {
  endQuietlyWhenReaderLeaves(process.stdout);
  try {
    await program.parseAsync([...argv]);
  } catch (error) {
    if (!(error instanceof CommanderError)) process.exitCode = report(error);
    // The parser has already printed help, version, or the one line that says what is wrong.
    else if (error.exitCode !== 0) process.exitCode = EXIT_BAD_INPUT;
  }
}

/**
 * Runs the work of one command: Ctrl-C stops it in order, a failure becomes one line on standard error and an exit code.
 * A second Ctrl-C ends the process at once.
 */
export async function runCommand(work: (context: CommandContext) => Promise<void>): Promise<void> {
  const controller = new AbortController();
  const progress = createProgressLine();
  let stoppedWith: number | undefined;
  const stop = (signal: NodeJS.Signals) => {
    const exitCode = signal === "SIGINT" ? EXIT_INTERRUPTED : EXIT_TERMINATED;
    if (stoppedWith !== undefined) process.exit(exitCode);
    stoppedWith = exitCode;
    controller.abort();
  };
  process.on("SIGINT", stop).on("SIGTERM", stop);
  try {
    await work({ signal: controller.signal, progress });
  } catch (error) {
    progress.clear();
    process.exitCode = stoppedWith ?? report(error);
  } finally {
    progress.clear();
    process.off("SIGINT", stop).off("SIGTERM", stop);
  }
}

/** Prints one line about a failure; the whole of it, causes included, when MASKERY_DEBUG=1. */
function report(error: unknown): number {
  const message = error instanceof Error ? error.message : String(error);
  const line = (MaskeryError.is(error) ? message : `unexpected failure: ${message}`).replace(
    /\s*\n\s*/g,
    " ",
  );
  process.stderr.write(`maskery: ${line}\n`);
  if (process.env["MASKERY_DEBUG"] === "1") process.stderr.write(`${inspect(error)}\n`);
  return exitCodeFor(error);
}

/** `maskery … | head` closes the pipe early. Results are printed last, so there is nothing left to do then. */
function endQuietlyWhenReaderLeaves(stream: NodeJS.WriteStream): void {
  stream.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code === "EPIPE") process.exit();
    process.stderr.write(`maskery: standard output: ${error.message}\n`);
    process.exit(EXIT_FAILURE);
  });
}
