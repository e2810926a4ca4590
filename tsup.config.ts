import { copyFileSync, readFileSync, rmSync } from "node:fs";
import { defineConfig, type Options } from "tsup";

interface Manifest {
  dependencies?: Record<string, string>;
  peerDependencies?: Record<string, string>;
}

/** What every build of a package has in common. esbuild drops unused code by itself. */
function packageBuild(name: string): Options {
  const manifest = JSON.parse(readFileSync(`packages/${name}/package.json`, "utf8")) as Manifest;
  const outsideNames = Object.keys({ ...manifest.dependencies, ...manifest.peerDependencies });
  return {
    outDir: `packages/${name}/dist`,
    target: ["node20", "es2022"],
    sourcemap: true,
    silent: true,
    // Dependencies are never bundled. Said by name, because tsup looks them up in the root package.json only.
    external: outsideNames.map((outside) => new RegExp(`^${outside}($|/)`)),
    removeNodeProtocol: false,
    // Several builds share one dist, so tsup must not empty it: see below.
    clean: false,
  };
}

for (const name of ["core", "node"]) rmSync(`packages/${name}/dist`, { recursive: true, force: true });

export default defineConfig([
  {
    ...packageBuild("core"),
    name: "core (modules)",
    // The contract suites are ES modules only, because vitest cannot be loaded with require().
    entry: { index: "packages/core/src/index.ts", testing: "packages/core/src/testing/index.ts" },
    format: "esm",
    platform: "neutral",
  },
  {
    ...packageBuild("core"),
    name: "core (CommonJS)",
    entry: { index: "packages/core/src/index.ts" },
    format: "cjs",
    platform: "neutral",
  },
  {
    ...packageBuild("core"),
    name: "core (types)",
    entry: { index: "packages/core/src/index.ts", testing: "packages/core/src/testing/index.ts" },
    format: ["esm", "cjs"],
    dts: { only: true },
  },
  {
    ...packageBuild("node"),
    name: "node (modules)",
    entry: { index: "packages/node/src/index.ts", cli: "packages/node/src/cli.ts" },
    format: "esm",
    platform: "node",
    // The worker is plain JavaScript that is started by its address. Every chunk lies directly in dist, so
    // `new URL("./graph-worker.mjs", import.meta.url)` finds it from whichever chunk the runtime ends up in.
    onSuccess: async () =>
      copyFileSync("packages/node/src/runtime/graph-worker.mjs", "packages/node/dist/graph-worker.mjs"),
  },
  {
    ...packageBuild("node"),
    name: "node (CommonJS)",
    entry: { index: "packages/node/src/index.ts" },
    format: "cjs",
    platform: "node",
    esbuildOptions(options) {
      options.define = { ...options.define, "import.meta.url": "moduleUrl" };
      options.inject = [...(options.inject ?? []), "scripts/cjs-module-url.mjs"];
    },
  },
  {
    ...packageBuild("node"),
    name: "node (types)",
    entry: { index: "packages/node/src/index.ts" },
    format: ["esm", "cjs"],
    dts: { only: true },
  },
]);
