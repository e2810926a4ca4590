import type { Command } from "commander";
import type { CreateSegmenterOptions } from "../create-segmenter.js";
import { parseDevice } from "./device-option.js";
import { parseWholeNumber } from "./parse-numbers.js";
import { parsePrecision } from "./precision-option.js";
import { progressBar } from "./progress-bar.js";
import type { ProgressLine } from "./progress-line.js";

/** Threads beyond this are a typing error on any machine. */
const MOST_THREADS = 1024;

/** Options of every command that loads a model, as the parser gives them. */
export interface SegmenterArguments {
  readonly model?: string;
  readonly precision?: string;
  readonly acceptLicense?: boolean;
  readonly device?: string;
  readonly threads?: string;
}

export function addSegmenterOptions(command: Command): Command {
  return command
    .option("--model <name>", 'model id, or path of a folder with a maskery.json (default: "nano", built in)')
    .option("--precision <precision>", 'such as fp16, or encoder=fp16,decoder=fp32 (default: "auto")')
    .option("--accept-license", "accept the terms of a model that asks for it")
    .option(
      "--device <name>",
      'such as cuda, or encoder=cuda,decoder=cpu (default: "auto", the best that works)',
    )
    .option("--threads <count>", "threads for one run of the model (default: what suits this machine)");
}

/** Smaller models are here before anybody could read how far they are. */
const leastBytesShown = 8_000_000;

/**
 * @param progress - Shows how far the download of a model is.
 * @throws MaskeryError `INVALID_INPUT` naming the option.
 */
export function segmenterOptions(
  { model, precision, acceptLicense, device, threads }: SegmenterArguments,
  progress?: ProgressLine,
): CreateSegmenterOptions {
  return {
    ...(progress && {
      onProgress: ({ model: id, receivedBytes, totalBytes }) => {
        if ((totalBytes ?? receivedBytes) >= leastBytesShown)
          progress.show(`${id}  ${progressBar(receivedBytes, totalBytes)}`);
      },
    }),
    ...(model !== undefined && { model }),
    ...(precision !== undefined && { precision: parsePrecision(precision) }),
    ...(acceptLicense && { acceptLicense }),
    ...(device !== undefined && { device: parseDevice(device) }),
    ...(threads !== undefined && { threads: parseWholeNumber("--threads", threads, 1, MOST_THREADS) }),
  };
}
