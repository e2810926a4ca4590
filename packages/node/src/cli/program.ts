import { Command } from "commander";
import { version } from "../../package.json";
import { addCutoutCommand } from "./commands/cutout.js";
import { addEvaluateCommand } from "./commands/evaluate.js";
import { addMaskCommand } from "./commands/mask.js";
import { addPaintCommand } from "./commands/paint.js";
import { addSegmentCommand } from "./commands/segment.js";
import { runCommand } from "./run-command.js";

const ENVIRONMENT = `
Environment:
  MASKERY_DEBUG=1   print the whole error, with its causes, when a command fails`;

/** The whole command line. */
export function createProgram(): Command {
  const program = new Command("maskery")
    .description("Image segmentation: a point or a box in, a precise mask out.")
    .version(version, "--version", "print the version")
    .helpOption("--help", "print this help")
    .helpCommand("help [command]", "print the help of a command")
    .addHelpText("after", ENVIRONMENT)
    .exitOverride()
    .configureOutput({
      // One line in the house form: the parser puts suggestions on a second one.
      outputError: (text, write) =>
        write(
          `maskery: ${text
            .trim()
            .replace(/^error: /, "")
            .replace(/\s*\n\s*/g, " ")}\n`,
        ),
    });
  addSegmentCommand(program, runCommand);
  addCutoutCommand(program, runCommand);
  addPaintCommand(program, runCommand);
  addMaskCommand(program, runCommand);
  addEvaluateCommand(program, runCommand);
  return program;
}
