import { Command } from "commander";
import { version } from "../../package.json";
import { addCutoutCommand } from "./commands/cutout.js";
import { addDoctorCommand } from "./commands/doctor.js";
import { addEvaluateCommand } from "./commands/evaluate.js";
import { addMaskCommand } from "./commands/mask.js";
import { addModelsCommand } from "./commands/models.js";
import { addPaintCommand } from "./commands/paint.js";
import { addSegmentCommand } from "./commands/segment.js";
import { addServeCommand } from "./commands/serve.js";
import { runCommand } from "./run-command.js";

const ENVIRONMENT = `
Environment:
  MASKERY_CACHE_DIR      folder for what can be made again, such as which devices work
  MASKERY_DEBUG=1        print the whole error, with its causes, when a command fails
  MASKERY_MODEL_DIR      folder that keeps downloaded models
  MASKERY_MODEL_MIRROR   address of a web server that is asked for models first
  MASKERY_OFFLINE=1      refuse every network call`;

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
  addDoctorCommand(program, runCommand);
  addModelsCommand(program, runCommand);
  addServeCommand(program, runCommand);
  return program;
}
