import type { GraphFile, ModelFile } from "@maskery/core";
import type { ClassModelSpec } from "@maskery/core/classes";
import { type AnyModelSpec, type ModelTask, precisionsByPart, taskOf } from "../models/find-any-model.js";
import { everyFile, type ListedModel } from "../models/installed-models.js";
import { alignColumns } from "./align-columns.js";
import { formatBytes } from "./format-bytes.js";

/** What a model of each task does, and the option that names it. */
const duties: Readonly<Record<ModelTask, string>> = {
  prompt: "prompt: masks for points and boxes (option model)",
  classes: "classes: names what it finds (option classModel)",
  foreground: "foreground: tells the subject from the background (option foregroundModel)",
};

/** What `maskery models list --json` says of each model. */
export function listedModelJson(model: ListedModel) {
  const { spec, source, folder, isHere, bytesHere } = model;
  return {
    id: spec.id,
    task: taskOf(spec),
    title: spec.title,
    version: spec.version,
    license: spec.license,
    acceptanceRequired: spec.terms?.acceptance === "required",
    layout: ("layout" in spec && spec.layout) || null,
    form: ("form" in spec && spec.form) || null,
    source,
    precisions: precisionsByPart(spec),
    downloadBytes: bytesOf(spec) ?? null,
    isHere,
    bytesHere,
    folder,
  };
}

export function modelTable(models: readonly ListedModel[]): string {
  const rows = models.map(({ spec, source, isHere, bytesHere }) => [
    spec.id,
    taskOf(spec),
    spec.title,
    spec.terms?.acceptance === "required" ? `${spec.license} *` : spec.license,
    precisionsText(spec),
    sizeText(bytesOf(spec)),
    source === "package" ? "built in" : isHere ? formatBytes(bytesHere) : bytesHere > 0 ? "unfinished" : "-",
  ]);
  const header = ["id", "task", "model", "licence", "precisions", "size", "on this machine"];
  return alignColumns([header, ...rows], [0, 1, 2, 3, 4]).join("\n");
}

/** What `maskery models info --json` says: the description, and where it stands. */
export function modelInfoJson(model: ListedModel) {
  const files = everyFile(model.spec).map((file) => ({ ...file }));
  return { ...listedModelJson(model), description: model.spec, files };
}

export function modelInfoText(model: ListedModel): string {
  const { spec, folder, source, isHere } = model;
  const facts = [
    ["id", spec.id],
    ["model", `${spec.title}, version ${spec.version}`],
    ["licence", spec.terms ? `${spec.terms.name}, ${spec.terms.url}` : spec.license],
    ...(spec.terms?.acceptance === "required" ? [["", "to be accepted with --accept-license"]] : []),
    ["task", duties[taskOf(spec)]],
    ...particulars(spec),
    ["precisions", precisionsText(spec)],
    ["kept in", folder],
    ["here", source === "package" || isHere ? "yes" : model.bytesHere > 0 ? "in part" : "no"],
  ];
  const files = everyFile(spec).map((file) => [
    file.name,
    sizeText(file.bytes),
    file.sha256 ?? hashText(file),
  ]);
  return [
    ...alignColumns(facts, [0, 1]),
    "",
    ...alignColumns([["file", "size", "SHA-256"], ...files], [0, 2]),
  ].join("\n");
}

function hashText({ url }: ModelFile): string {
  return url === undefined ? "unknown" : "unknown: noted at the first download";
}

/** What only models of its task have. */
function particulars(spec: AnyModelSpec): string[][] {
  const later = "found when the graphs are loaded";
  if (spec.task === "classes") {
    const labels = typeof spec.labels === "string" ? spec.labels : `${spec.labels?.length ?? 0} of its own`;
    return [
      ["form", spec.form ?? later],
      ["labels", spec.labels === undefined ? "none: classes are called by their number" : labels],
      ["picture", pictureText(spec.image)],
    ];
  }
  if (spec.task === "foreground") return [["picture", pictureText(spec.image)]];
  const { size, resize } = spec.image;
  return [
    ["layout", spec.layout ?? later],
    ["picture", `${size} × ${size}, ${resize}`],
  ];
}

function pictureText({ resize }: ClassModelSpec["image"]): string {
  if (resize.rule === "stretch" || resize.rule === "letterbox")
    return `${resize.width} × ${resize.height}, ${resize.rule}`;
  const longest = resize.longest === undefined ? "" : `, longer side at most ${resize.longest}`;
  return resize.rule === "shorter" ? `shorter side ${resize.side}${longest}` : `its own size${longest}`;
}

/** `fp32, fp16, q8`, or by half where they differ. */
function precisionsText(spec: AnyModelSpec): string {
  const words = Object.values(precisionsByPart(spec)).map((precisions) => precisions.join(", "));
  return [...new Set(words)].join(" + ");
}

/** Size of the files that are taken without another choice; undefined when one is unknown. */
function bytesOf({ files }: AnyModelSpec): number | undefined {
  const sizes = Object.values(files).flatMap((graph: GraphFile) => [
    graph.bytes,
    ...(graph.externalData ?? []).map(({ bytes }) => bytes),
  ]);
  return sizes.includes(undefined) ? undefined : (sizes as number[]).reduce((sum, size) => sum + size, 0);
}

function sizeText(bytes: number | undefined): string {
  return bytes === undefined ? "?" : formatBytes(bytes);
}
