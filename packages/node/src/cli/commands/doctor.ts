import type { Command } from "commander";
import { renderReport } from "../../doctor/render.js";
import { examineInstallation } from "../../doctor/report.js";
import { EXIT_FAILURE } from "../exit-codes.js";
import type { CommandContext, CommandRunner } from "../run-command.js";

interface DoctorArguments {
  readonly all?: boolean;
  readonly json?: boolean;
}

const EXPLANATION = `
Checks every device with a small graph whose answer is known, in a process of its own; segments a drawn picture with the
built-in model; and lists versions, folders, models and the variables that matter. The report can be pasted as it is: the home
folder, credentials and tokens are not in it.

Examples:
  $ maskery doctor
  $ maskery doctor --json > report.json

Exit codes: 0 everything needed works; 1 something needed is broken; 2 bad usage.`;

export function addDoctorCommand(program: Command, run: CommandRunner): void {
  program
    .command("doctor")
    .summary("find out what works on this machine, and why something does not")
    .description("Checks this installation and writes a report that can be pasted into a question.")
    .option("--all", "also try devices that seem to be absent, such as WebGPU on a driver in software")
    .option("--json", "print one JSON object, and nothing else, on standard output")
    .addHelpText("after", EXPLANATION)
    .action((options: DoctorArguments) => run((context) => doctor(options, context)));
}

async function doctor(
  { all = false, json }: DoctorArguments,
  { signal, progress }: CommandContext,
): Promise<void> {
  const report = await examineInstallation({
    signal,
    allDevices: all,
    onStep: (title) => progress.show(title),
  });
  progress.clear();
  process.stdout.write(`${json ? JSON.stringify(report) : renderReport(report)}\n`);
  if (!report.ok) process.exitCode = EXIT_FAILURE;
}
