#!/usr/bin/env node
import { createProgram } from "./cli/program.js";
import { parseCommandLine } from "./cli/run-command.js";

await parseCommandLine(createProgram(), process.argv);
