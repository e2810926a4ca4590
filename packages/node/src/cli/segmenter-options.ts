import type { Command } from "commander";
import type { CreateSegmenterOptions } from "../create-segmenter.js";
import { parseWholeNumber } from "./parse-numbers.js";

/** Threads beyond this are a typing error on any machine. */
const MOST_THREADS = 1024;

/** Options of every command that loads a model, as the parser gives them. */
export interface SegmenterArguments {
  readonly model?: string;
  readonly device?: string;
  readonly threads?: string;
}

export function addSegmenterOptions(command: Command): Command {
  return command
    .option("--model <name>", 'model id, or path of a folder with a maskery.json (default: "nano", built in)')
    .option("--device <name>", 'where the model runs (default: "auto", the best that works)')
    .option("--threads <count>", "threads for one run of the model (default: what suits this machine)");
}

/** @throws MaskeryError `INVALID_INPUT` naming the option. */
export function segmenterOptions({ model, device, threads }: SegmenterArguments): CreateSegmenterOptions {
  return {
    ...(model !== undefined && { model }),
    ...(device !== undefined && { device }),
    ...(threads !== undefined && { threads: parseWholeNumber("--threads", threads, 1, MOST_THREADS) }),
  };
}
