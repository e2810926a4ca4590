#!/usr/bin/env node
// Committed, because npm links a command only to a file that exists when it installs, and dist is built after that.
import "../dist/cli.js";
