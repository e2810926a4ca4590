import { describeMs } from "../runtime/device-verdict.js";
import type { DeviceDiagnosis } from "./devices.js";
import type { FolderReport } from "./folders.js";
import type { ModelHere } from "./models.js";
import type { DoctorReport } from "./report.js";

/** The report for people, to be pasted into a bug report as it is. */
export function renderReport(report: DoctorReport): string {
  const { versions, machine, selfTest } = report;
  const lines: string[] = [];
  const section = (title: string, content: readonly string[]) => {
    if (content.length > 0) lines.push("", title, ...content.map((line) => `  ${line}`));
  };

  lines.push(
    `Maskery ${versions.maskery}: ${report.ok ? "everything needed works" : "something needed is broken"}`,
  );
  section("Problems", report.problems);
  section("Warnings", report.warnings);
  section("Versions", [
    `Node ${versions.node}, onnxruntime-node ${versions.onnxruntime ?? "missing"}, sharp ${versions.sharp ?? "missing"}, libvips ${versions.libvips ?? "missing"}`,
  ]);
  section("Machine", [
    `${machine.system}, ${machine.architecture}`,
    `${machine.processor}, ${machine.processors} processors, ${machine.threadsPerRun} threads for one run`,
    `${gigabytes(machine.memoryBytes)} of memory, ${gigabytes(machine.freeMemoryBytes)} free${
      machine.memoryLimitBytes === undefined ? "" : `, limited to ${gigabytes(machine.memoryLimitBytes)}`
    }; this process holds ${gigabytes(machine.residentBytes)}`,
  ]);
  section("Devices", report.devices.flatMap(renderDevice));
  section("Built-in model", [
    selfTest.ok
      ? `found a drawn disc with IoU ${selfTest.iou?.toFixed(3)} on ${selfTest.device}; loaded in ${describeMs(
          selfTest.loadMs ?? 0,
        )}, first picture ${describeMs(selfTest.firstMs ?? 0)}, next ${describeMs(selfTest.nextMs ?? 0)}`
      : (selfTest.problem ?? "failed"),
  ]);
  section("Folders", report.folders.map(renderFolder));
  section("Models", report.models.map(renderModel));
  section(
    "Environment",
    Object.entries(report.environment).map(([name, value]) => `${name}=${value}`),
  );
  return lines.join("\n");
}

function renderDevice(device: DeviceDiagnosis): string[] {
  const notes = [
    device.advice,
    device.halfPrecision && `half precision: ${device.halfPrecision}`,
    device.notByAuto && `not taken by "auto": ${device.notByAuto}`,
  ];
  return [
    `${device.device.padEnd(9)} ${device.outcome.padEnd(7)} ${device.reason}`,
    ...notes.filter((note) => note !== undefined).map((note) => `${" ".repeat(18)}${note}`),
  ];
}

function renderFolder({ name, path, exists, writable, files, bytes }: FolderReport): string {
  const content = exists ? `${files} files, ${(bytes / 1e6).toFixed(1)} MB` : "not there yet";
  return `${name.padEnd(9)} ${path} (${content}, ${writable ? "writable" : "not writable"})`;
}

function renderModel({ id, task, version, state, bytes }: ModelHere): string {
  return `${id} ${version}, ${task}: ${(bytes / 1e6).toFixed(1)} MB, ${state}`;
}

function gigabytes(bytes: number): string {
  return `${(bytes / 1e9).toFixed(1)} GB`;
}
