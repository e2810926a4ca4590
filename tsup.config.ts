import { copyFileSync, mkdirSync, readFileSync, rmSync } from "node:fs";
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

/** CommonJS knows no `import.meta.url`. */
const defineModuleUrl: NonNullable<Options["esbuildOptions"]> = (options) => {
  options.define = { ...options.define, "import.meta.url": "moduleUrl" };
  options.inject = [...(options.inject ?? []), "scripts/cjs-module-url.mjs"];
};

const serverEntries = {
  index: "packages/http-adapter/src/index.ts",
  serve: "packages/http-adapter/src/serve/index.ts",
  ...Object.fromEntries(
    ["express", "fastify", "koa", "hono", "node"].map((mount) => [
      mount,
      `packages/http-adapter/src/mount/${mount}.ts`,
    ]),
  ),
};
const clientEntry = { client: "packages/http-adapter/src/client/index.ts" };

for (const name of ["core", "node", "http-adapter"])
  rmSync(`packages/${name}/dist`, { recursive: true, force: true });

export default defineConfig([
  {
    ...packageBuild("core"),
    name: "core (modules)",
    // The contract suites are ES modules only, because vitest cannot be loaded with require().
    entry: {
      index: "packages/core/src/index.ts",
      catalogue: "packages/core/src/model/catalogue/index.ts",
      classes: "packages/core/src/model/classes/index.ts",
      testing: "packages/core/src/testing/index.ts",
    },
    format: "esm",
    platform: "neutral",
  },
  {
    ...packageBuild("core"),
    name: "core (CommonJS)",
    entry: {
      index: "packages/core/src/index.ts",
      catalogue: "packages/core/src/model/catalogue/index.ts",
      classes: "packages/core/src/model/classes/index.ts",
    },
    format: "cjs",
    platform: "neutral",
  },
  {
    ...packageBuild("core"),
    name: "core (types)",
    entry: {
      index: "packages/core/src/index.ts",
      catalogue: "packages/core/src/model/catalogue/index.ts",
      classes: "packages/core/src/model/classes/index.ts",
      testing: "packages/core/src/testing/index.ts",
    },
    format: ["esm", "cjs"],
    dts: { only: true },
  },
  {
    ...packageBuild("node"),
    name: "node (modules)",
    entry: {
      index: "packages/node/src/index.ts",
      dicom: "packages/node/src/dicom/index.ts",
      gemini: "packages/node/src/gemini/index.ts",
      cli: "packages/node/src/cli.ts",
    },
    format: "esm",
    platform: "node",
    // The worker and the probe are plain JavaScript that is started by its address. Every chunk lies directly in dist, so
    // `new URL("./graph-worker.mjs", import.meta.url)` finds it from whichever chunk the runtime ends up in.
    onSuccess: async () => {
      for (const name of ["graph-worker.mjs", "device-probe.mjs"]) {
        copyFileSync(`packages/node/src/runtime/${name}`, `packages/node/dist/${name}`);
      }
    },
  },
  {
    ...packageBuild("node"),
    name: "node (CommonJS)",
    entry: {
      index: "packages/node/src/index.ts",
      dicom: "packages/node/src/dicom/index.ts",
      gemini: "packages/node/src/gemini/index.ts",
    },
    format: "cjs",
    platform: "node",
    esbuildOptions: defineModuleUrl,
  },
  {
    ...packageBuild("node"),
    name: "node (types)",
    entry: {
      index: "packages/node/src/index.ts",
      dicom: "packages/node/src/dicom/index.ts",
      gemini: "packages/node/src/gemini/index.ts",
    },
    format: ["esm", "cjs"],
    dts: { only: true },
  },
  {
    ...packageBuild("http-adapter"),
    name: "http-adapter (modules)",
    entry: serverEntries,
    format: "esm",
    platform: "node",
    // Documentation pages work without a network, so what they show comes with the package.
    onSuccess: async () => {
      mkdirSync("packages/http-adapter/dist/docs-files", { recursive: true });
      for (const name of [
        "swagger-ui-bundle.js",
        "swagger-ui.css",
        "swagger-ui-bundle.js.LICENSE.txt",
        "LICENSE",
        "NOTICE",
      ])
        copyFileSync(`node_modules/swagger-ui-dist/${name}`, `packages/http-adapter/dist/docs-files/${name}`);
    },
  },
  {
    ...packageBuild("http-adapter"),
    name: "http-adapter (CommonJS)",
    entry: serverEntries,
    format: "cjs",
    platform: "node",
    esbuildOptions: defineModuleUrl,
  },
  {
    ...packageBuild("http-adapter"),
    name: "http-adapter (client)",
    entry: clientEntry,
    format: ["esm", "cjs"],
    // Runs in browsers too.
    platform: "neutral",
  },
  {
    ...packageBuild("http-adapter"),
    name: "http-adapter (types)",
    entry: { ...serverEntries, ...clientEntry },
    format: ["esm", "cjs"],
    dts: { only: true },
  },
]);
