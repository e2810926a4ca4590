import { join } from "node:path";
import ts from "typescript";
import { describe, expect, it } from "vitest";

const root = join(import.meta.dirname, "..");
const libraries = { es: "lib.es2023.d.ts", dom: "lib.dom.d.ts" };

/** What a consumer's compiler says about our published types, the types of our dependencies left aside. */
function complaints(builtTypes: readonly string[], lib: string[], types: string[]): string[] {
  const paths = builtTypes.map((path) => join(root, "packages", path));
  const options: ts.CompilerOptions = {
    exactOptionalPropertyTypes: true,
    lib,
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
    noEmit: true,
    strict: true,
    target: ts.ScriptTarget.ES2022,
    types,
  };
  const program = ts.createProgram(paths, options);
  return paths.flatMap((path) => {
    const file = program.getSourceFile(path);
    if (!file) throw new Error(`${path} is not there: npm run build`);
    return [
      ...[...file.typeReferenceDirectives, ...file.libReferenceDirectives].map(
        ({ fileName }) => `${path} refers to ${fileName}`,
      ),
      ...[...program.getSyntacticDiagnostics(file), ...program.getSemanticDiagnostics(file)].map(
        ({ messageText }) => `${path}: ${ts.flattenDiagnosticMessageText(messageText, "\n")}`,
      ),
    ];
  });
}

describe("published types", () => {
  const core = ["core/dist/index.d.ts", "core/dist/index.d.cts"];
  const contractSuites = ["core/dist/testing.d.ts"];
  const node = ["node/dist/index.d.ts", "node/dist/index.d.cts"];

  it("of core compile in a browser project, without Node's types", () => {
    expect(complaints(core, [libraries.es, libraries.dom], [])).toEqual([]);
  });

  it("of all packages compile in a Node project, without the DOM's types", () => {
    expect(complaints([...core, ...contractSuites, ...node], [libraries.es], ["node"])).toEqual([]);
  });
});
