import ts from "typescript";

/**
 * Names beyond ECMAScript that exist in every browser, worker and Node >= 20, so that neutral code may use them.
 * packages/core/web-standard.d.ts declares the same ones for the type check; keep the two in step.
 */
export const universalNames: ReadonlySet<string> = new Set([
  "AbortController",
  "AbortSignal",
  "CompressionStream",
  "DOMException",
  "DecompressionStream",
  "Headers",
  "MessageChannel",
  "Request",
  "Response",
  "TextDecoder",
  "TextEncoder",
  "URL",
  "atob",
  "btoa",
  "clearInterval",
  "clearTimeout",
  "fetch",
  "performance",
  "queueMicrotask",
  "setInterval",
  "setTimeout",
  "structuredClone",
]);

/** TypeScript's ways to say "Cannot find name": plain, with a suggestion, or with a hint at a missing type package. */
const unknownNameCodes = new Set([
  2304, 2311, 2318, 2552, 2580, 2581, 2582, 2583, 2584, 2591, 2592, 2593, 2868,
]);

export interface ModuleNeeds {
  /** Free names that are not ECMAScript's own, sorted; a property of `globalThis` counts as a free name. */
  readonly freeNames: readonly string[];
  /** What it imports, statically or not, sorted; "(computed)" where that is only known while running. */
  readonly imports: readonly string[];
}

/** What one ES module needs from its surroundings, found by TypeScript's own name resolution. */
export function analyseModule(code: string): ModuleNeeds {
  // As TypeScript, because in a JavaScript file TypeScript takes `require` for granted.
  const fileName = "/module.ts";
  const file = ts.createSourceFile(fileName, code, ts.ScriptTarget.ES2022, true);
  const options: ts.CompilerOptions = {
    lib: ["lib.es2023.d.ts"],
    module: ts.ModuleKind.ESNext,
    moduleDetection: ts.ModuleDetectionKind.Force,
    noEmit: true,
    noResolve: true,
    target: ts.ScriptTarget.ES2022,
    types: [],
  };
  const host = ts.createCompilerHost(options);
  const readLibrary = host.getSourceFile.bind(host);
  host.getSourceFile = (name, ...rest) => (name === fileName ? file : readLibrary(name, ...rest));
  const program = ts.createProgram([fileName], options, host);
  const syntaxErrors = program.getSyntacticDiagnostics(file);
  if (syntaxErrors[0]) throw new Error(ts.flattenDiagnosticMessageText(syntaxErrors[0].messageText, "\n"));

  const freeNames = new Set<string>();
  for (const { code: errorCode, start = 0, length = 0 } of program.getSemanticDiagnostics(file)) {
    if (unknownNameCodes.has(errorCode)) freeNames.add(code.slice(start, start + length));
  }
  const imports = new Set<string>();
  visitNodes(file, (node) => {
    if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) {
      if (node.moduleSpecifier) imports.add(textOf(node.moduleSpecifier));
    } else if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
      imports.add(textOf(node.arguments[0]));
    } else if (ts.isIdentifier(node) && node.text === "globalThis") {
      freeNames.add(globalPropertyOf(node));
    }
  });
  return { freeNames: [...freeNames].sort(), imports: [...imports].sort() };
}

function visitNodes(node: ts.Node, visit: (node: ts.Node) => void): void {
  visit(node);
  ts.forEachChild(node, (child) => visitNodes(child, visit));
}

function textOf(node: ts.Node | undefined): string {
  return node && ts.isStringLiteralLike(node) ? node.text : "(computed)";
}

/** `globalThis.process` and `globalThis["process"]` are "process"; any other use may reach everything. */
function globalPropertyOf(node: ts.Identifier): string {
  const { parent } = node;
  if (ts.isPropertyAccessExpression(parent) && parent.expression === node) return parent.name.text;
  if (ts.isElementAccessExpression(parent) && parent.expression === node)
    return textOf(parent.argumentExpression);
  return "globalThis";
}
