import { readFile } from "node:fs/promises";
import { catalogue, catalogueAliases } from "@maskery/node";
import { expect, test } from "vitest";

test("docs/models.md lists the catalogue: every model with its layout, licence and other names, and no other", async () => {
  const page = await readFile(new URL("../../../docs/models.md", import.meta.url), "utf8");
  const rows = page.split("\n").filter((line) => /^\| `[^`]+` \| [^|]+\|.*\|.*\|.*\|.*\|.*\|$/.test(line));
  const cells = rows.map((row) => row.split("|").map((cell) => cell.trim()));
  expect(cells.map(([, id]) => id)).toEqual(catalogue.map(({ id }) => `\`${id}\``));
  for (const [index, model] of catalogue.entries()) {
    const [, , title, layout, precisions, , licence, aliases] = cells[index]!;
    expect(title).toBe(model.title);
    expect(layout).toBe(model.layout === undefined ? "found when loaded" : `\`${model.layout}\``);
    for (const precision of [...Object.values(model.precision ?? {}), ...Object.keys(model.variants ?? {})])
      expect(precisions, model.id).toContain(precision);
    expect(licence).toBe(model.terms ? `**${model.terms.name}**` : model.license);
    const names = Object.keys(catalogueAliases).filter((alias) => catalogueAliases[alias] === model.id);
    expect(aliases).toBe(names.map((name) => `\`${name}\``).join(", "));
  }
});
