import type { ModelFile, ModelSpec } from "@maskery/core";
import { everyFile, halvesOf, type ListedModel } from "../models/installed-models.js";
import { alignColumns } from "./align-columns.js";
import { formatBytes } from "./format-bytes.js";

/** What `maskery models list --json` says of each model. */
export function listedModelJson(model: ListedModel) {
  const { spec, source, folder, isHere, bytesHere } = model;
  return {
    id: spec.id,
    title: spec.title,
    version: spec.version,
    license: spec.license,
    acceptanceRequired: spec.terms?.acceptance === "required",
    layout: spec.layout ?? null,
    source,
    precisions: halvesOf(spec),
    downloadBytes: bytesOf(spec) ?? null,
    isHere,
    bytesHere,
    folder,
  };
}

export function modelTable(models: readonly ListedModel[]): string {
  const rows = models.map(({ spec, source, isHere, bytesHere }) => [
    spec.id,
    spec.title,
    spec.terms?.acceptance === "required" ? `${spec.license} *` : spec.license,
    precisionsText(spec),
    sizeText(bytesOf(spec)),
    source === "package" ? "built in" : isHere ? formatBytes(bytesHere) : bytesHere > 0 ? "unfinished" : "-",
  ]);
  const header = ["id", "model", "licence", "precisions", "size", "on this machine"];
  return alignColumns([header, ...rows], [0, 1, 2, 3]).join("\n");
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
    ["layout", spec.layout ?? "found when the graphs are loaded"],
    ["picture", `${spec.image.size} × ${spec.image.size}, ${spec.image.resize}`],
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

/** `fp32, fp16, q8`, or by half where they differ. */
function precisionsText(spec: ModelSpec): string {
  const { encoder, decoder } = halvesOf(spec);
  const [one, other] = [encoder.join(", "), decoder.join(", ")];
  return one === other ? one : `${one} + ${other}`;
}

/** Size of the files that are taken without another choice; undefined when one is unknown. */
function bytesOf({ files }: ModelSpec): number | undefined {
  const sizes = [files.encoder, files.decoder].flatMap((graph) => [
    graph.bytes,
    ...(graph.externalData ?? []).map(({ bytes }) => bytes),
  ]);
  return sizes.includes(undefined) ? undefined : (sizes as number[]).reduce((sum, size) => sum + size, 0);
}

function sizeText(bytes: number | undefined): string {
  return bytes === undefined ? "?" : formatBytes(bytes);
}
