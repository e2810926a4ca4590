import { type CallOptions, throwIfAborted } from "@maskery/core";
import { userCacheFolder } from "../files/user-cache-folder.js";
import { modelStoreSettings } from "../models/store-settings.js";
import { type DevicesReport, diagnoseDevices } from "./devices.js";
import { tellingVariables } from "./environment.js";
import { type FolderReport, inspectFolder } from "./folders.js";
import { describeMachine, type MachineReport } from "./machine.js";
import { maskDeeply } from "./mask-secrets.js";
import { inspectModels, type ModelHere } from "./models.js";
import { type SelfTestReport, testBuiltInModel } from "./self-test.js";
import { findVersions, type VersionsReport } from "./versions.js";

/** Everything that helps to find out why Maskery does not work somewhere, fit to be shown to strangers. */
export interface DoctorReport {
  /** Whether everything works that a first segmentation needs. */
  readonly ok: boolean;
  /** What is broken and must be mended; empty when `ok`. */
  readonly problems: readonly string[];
  /** What works less well than it could. */
  readonly warnings: readonly string[];
  readonly versions: Omit<VersionsReport, "problems">;
  readonly machine: MachineReport;
  readonly devices: DevicesReport["devices"];
  readonly engineBuiltWith: readonly string[];
  readonly selfTest: SelfTestReport;
  readonly folders: readonly FolderReport[];
  /** Models of every task in the model folder. */
  readonly models: readonly ModelHere[];
  readonly environment: Readonly<Record<string, string>>;
}

export interface ExamineOptions extends CallOptions {
  /** Also tries devices that seem to be absent. */
  readonly allDevices?: boolean;
  readonly onStep?: (title: string) => void;
}

/** Looks at this installation from all sides. Troubles are findings and not errors. */
export async function examineInstallation({
  signal,
  allDevices = false,
  onStep = () => undefined,
}: ExamineOptions = {}): Promise<DoctorReport> {
  throwIfAborted(signal);
  onStep("Looking for versions …");
  const { problems: versionProblems, ...versions } = await findVersions();
  const problems = [...versionProblems];
  const warnings: string[] = [];

  const { devices, builtWith } = await diagnoseDevices({
    signal,
    all: allDevices,
    onDevice: (title) => onStep(`Checking ${title} …`),
  });
  for (const { device, outcome, reason } of devices) {
    if (outcome !== "fails") continue;
    (device === "cpu" ? problems : warnings).push(`the device ${device} does not work: ${reason}`);
  }

  onStep("Segmenting a drawn picture …");
  const selfTest = await testBuiltInModel({ signal });
  if (!selfTest.ok) problems.push(`the built-in model does not work: ${selfTest.problem}`);

  onStep("Measuring folders …");
  const folders = await inspectFolders(problems, { signal });
  for (const { name, writable } of folders) {
    if (!writable) warnings.push(`nothing can be kept in the ${name} folder, which is not writable`);
  }

  onStep("Looking for models …");
  const models = await inspectModelFolder(warnings);

  return maskDeeply({
    ok: problems.length === 0,
    problems,
    warnings,
    versions,
    machine: await describeMachine(),
    devices,
    engineBuiltWith: builtWith,
    selfTest,
    folders,
    models,
    environment: tellingVariables(),
  });
}

/** A folder whose name cannot be made out is a problem that the folders have reported. */
async function inspectModelFolder(warnings: string[]): Promise<readonly ModelHere[]> {
  let directory: string;
  try {
    directory = modelStoreSettings().directory;
  } catch {
    return [];
  }
  return inspectModels(directory, warnings);
}

async function inspectFolders(problems: string[], options: CallOptions): Promise<FolderReport[]> {
  const folders = [await inspectFolder("cache", userCacheFolder(), options)];
  try {
    folders.push(await inspectFolder("models", modelStoreSettings().directory, options));
  } catch (error) {
    throwIfAborted(options.signal);
    problems.push(error instanceof Error ? error.message : String(error));
  }
  return folders;
}
