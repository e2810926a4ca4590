import { readFile } from "node:fs/promises";
import { classCatalogue, foregroundCatalogue, parseClassModelSpec } from "@maskery/core/classes";
import { catalogue, catalogueAliases, modelFiles, parseModelSpec } from "@maskery/node";
import { expect, test } from "vitest";

const page = await readFile(new URL("../../../docs/models.md", import.meta.url), "utf8");

/** The cells of the table whose first heading is this one; the first cell of a row is empty, as is the last. */
function tableUnder(heading: string): string[][] {
  const lines = page.split("\n");
  const start = lines.findIndex((line) => line.startsWith(`| ${heading} |`)) + 2;
  expect(start).toBeGreaterThan(1);
  const end = lines.findIndex((line, index) => index >= start && !line.startsWith("|"));
  return lines.slice(start, end).map((row) => row.split("|").map((cell) => cell.trim()));
}

/** As the page writes sizes; "not stated" where nobody has published one. */
function sizeOf(files: readonly { readonly bytes?: number | undefined }[]): string {
  const bytes = files.reduce((sum, file) => sum + (file.bytes ?? Number.NaN), 0);
  if (Number.isNaN(bytes)) return "not stated";
  return bytes >= 1e9 ? `${(bytes / 1e9).toFixed(1)} GB` : `${(bytes / 1e6).toFixed(1)} MB`;
}

test("docs/models.md lists the catalogue: every model with its layout, licence and other names, and no other", () => {
  const cells = tableUnder("id");
  expect(cells.map(([, id]) => id)).toEqual(catalogue.map(({ id }) => `\`${id}\``));
  for (const [index, model] of catalogue.entries()) {
    const [, , title, layout, precisions, size, licence, aliases] = cells[index]!;
    expect(title).toBe(model.title);
    expect(layout).toBe(model.layout === undefined ? "found when loaded" : `\`${model.layout}\``);
    for (const precision of [...Object.values(model.precision ?? {}), ...Object.keys(model.variants ?? {})])
      expect(precisions, model.id).toContain(precision);
    expect(size).toBe(sizeOf(modelFiles(model)));
    expect(licence).toBe(model.terms ? `**${model.terms.name}**` : model.license);
    const names = Object.keys(catalogueAliases).filter((alias) => catalogueAliases[alias] === model.id);
    expect(aliases).toBe(names.map((name) => `\`${name}\``).join(", "));
  }
});

test("docs/models.md lists the models that take no prompts: with form, labels, precisions, size and licence", () => {
  for (const [heading, models] of [
    ["`classModel`", classCatalogue],
    ["`foregroundModel`", foregroundCatalogue],
  ] as const) {
    const cells = tableUnder(heading);
    expect(cells.map(([, id]) => id)).toEqual(models.map(({ id }) => `\`${id}\``));
    for (const [index, model] of models.entries()) {
      const reading = "form" in model ? [`\`${model.form}\``, `\`${String(model.labels)}\``] : [];
      const licence = model.terms ? `**${model.terms.name}**` : model.license;
      const precisions = [model.precision?.model ?? "fp32", ...Object.keys(model.variants ?? {})].join(", ");
      expect(cells[index]).toEqual([
        "",
        `\`${model.id}\``,
        model.title,
        ...reading,
        precisions,
        sizeOf(modelFiles(model)),
        licence,
        "",
      ]);
    }
  }
});

test("descriptions in docs/models.md are ones", () => {
  const blocks = [...page.matchAll(/```json\n(.*?)```/gs)].map(([, json]) => JSON.parse(json!));
  expect(blocks.map(({ id }) => id)).toEqual(["deeplabv3", "my-yolo", "my-sam2"]);
  const [deeplab, yolo, sam2] = blocks;
  expect(parseClassModelSpec(deeplab)).toEqual(deeplab);
  expect(parseClassModelSpec(yolo)).toEqual(yolo);
  expect(parseModelSpec(sam2)).toEqual(sam2);
});
