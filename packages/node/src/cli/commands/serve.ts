import { type Describer, MaskeryError } from "@maskery/core";
import type { RunningServer, ServeArguments, ServeSettings } from "@maskery/http-adapter/serve";
import type { Command } from "commander";
import { createSegmenter } from "../../create-segmenter.js";
import { createNodePlatform } from "../../platform.js";
import type { CommandContext, CommandRunner } from "../run-command.js";
import { addSegmenterOptions, type SegmenterArguments, segmenterOptions } from "../segmenter-options.js";
import { createServerLog } from "../server-log.js";

type ServeCommandArguments = ServeArguments & SegmenterArguments & { readonly verbose?: boolean };

const EXPLANATION = `
Serves the documented HTTP APIs until Ctrl-C or SIGTERM: requests under way are finished, then the command ends with 0.
The address is printed once the server answers; the model is loaded meanwhile, and /health says how it is.
/docs is the place to try the API in a browser.

Without --data, files lie in a temporary folder that is removed at the end, and sessions in memory. With it, both are kept
over restarts.

Needs the package @maskery/http-adapter.

Environment:
  UPLOAD_DIR, MASKS_DIR, RESULTS_DIR   folders of their own for the three kinds of files
  MAX_FILE_SIZE                        bytes of one upload, as --max-file-size
  GEMINI_API_KEY                       pictures are described by Gemini, unless --describer local
  MODAL_BASE_URL                       address of a remote encoder, as --remote-encoder
  MASKERY_REMOTE_TOKEN                 sent to the remote encoder as Authorization: Bearer …

Examples:
  $ maskery serve
  $ maskery serve --host 0.0.0.0 --port 8080 --data ./maskery-data --cors https://app.example.com
  $ maskery serve --placement --device cuda --host 0.0.0.0                    on a machine with a GPU
  $ maskery serve --remote-encoder http://gpu.example:8000/placement          on another one

Exit codes: 0 stopped; 1 failed; 2 bad usage, an address that is taken, or a missing package.`;

export function addServeCommand(program: Command, run: CommandRunner): void {
  const command = program
    .command("serve")
    .summary("answer the documented HTTP APIs")
    .description("Answers the documented HTTP APIs on one address.")
    .option("--port <port>", "port to listen on; 0 takes a free one (default: 8000)")
    .option("--host <address>", "address to listen on (default: 127.0.0.1, this machine only)")
    .option("--data <folder>", "keep sessions and files here over restarts")
    .option("--max-file-size <bytes>", "bound on one upload, such as 20M (default: 50M)")
    .option(
      "--cors <origins>",
      'origins of browser applications, with commas between; "*" or "off" (default: "*")',
    )
    .option("--public-url <address>", "address under which clients reach the server, for links")
    .option("--describer <name>", "local or gemini (default: gemini where GEMINI_API_KEY is set, else local)")
    .option("--remote-encoder <address>", "encode pictures there; here while it cannot be reached")
    .option("--placement", "serve this machine's model to others, below /placement")
    .option("--verbose", "log every step, not only what matters");
  addSegmenterOptions(command)
    .addHelpText("after", EXPLANATION)
    .action((options: ServeCommandArguments) => run((context) => serveUntilStopped(options, context)));
}

async function serveUntilStopped(
  options: ServeCommandArguments,
  { signal, progress }: CommandContext,
): Promise<void> {
  const { readServeSettings, serve } = await loadServer();
  const settings = readServeSettings(options, process.env);
  const modelOptions = segmenterOptions(options, progress);
  const logger = createServerLog(process.stderr, options.verbose ?? false);
  const server = await serve({
    settings,
    platform: createNodePlatform(),
    createSegmenter: (callOptions) => createSegmenter({ ...modelOptions, ...callOptions, warmUp: true }),
    logger,
    ...(settings.describer === "gemini" && { describer: await geminiDescriber() }),
  });
  process.stdout.write(`maskery listens on ${server.url} (${summaryOf(settings, server)})\n`);
  await stopped(signal);
  await close(server, logger);
}

function summaryOf(
  { dataDirectory, describer, remoteEncoderUrl, placement }: ServeSettings,
  { url, directory }: RunningServer,
): string {
  return [
    dataDirectory === undefined ? "nothing is kept after it stops" : `data in ${directory}`,
    `descriptions: ${describer}`,
    ...(remoteEncoderUrl === undefined ? [] : [`pictures are encoded at ${new URL(remoteEncoderUrl).host}`]),
    ...(placement ? [`encodes for others at ${url}/placement`] : []),
  ].join("; ");
}

async function close(server: RunningServer, logger: ReturnType<typeof createServerLog>): Promise<void> {
  logger.info({}, "Stopping: requests under way are finished.");
  await server.close();
}

function stopped(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
}

/** The server is a package of its own: who only segments files does not install it. */
async function loadServer() {
  try {
    return await import("@maskery/http-adapter/serve");
  } catch (cause) {
    if (!isMissing(cause)) throw cause;
    const message =
      "serve: expected the package @maskery/http-adapter, which is not installed: npm install @maskery/http-adapter";
    throw new MaskeryError("INVALID_INPUT", message, { cause, field: "serve" });
  }
}

/** The package itself: one of its own dependencies that is missing is another matter. */
function isMissing(error: unknown): boolean {
  return (
    error instanceof Error &&
    "code" in error &&
    error.code === "ERR_MODULE_NOT_FOUND" &&
    error.message.includes("package '@maskery/http-adapter'")
  );
}

async function geminiDescriber(): Promise<Describer> {
  const { createGeminiDescriber } = await import("../../gemini/generative-ai-describer.js");
  return createGeminiDescriber();
}
