import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

const fromRoot = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** One project per package, plus `workspace` for tests that look at several packages or at their built files. */
const packageProject = (name: string) => ({
  extends: true as const,
  test: {
    name,
    include: [`packages/${name}/src/**/*.test.ts`, `packages/${name}/test/**/*.test.ts`],
  },
});

export default defineConfig({
  resolve: {
    // Tests run on the sources, as in tsconfig.json. Built packages are tested as real processes, which skip these.
    alias: [
      { find: /^@maskery\/core$/, replacement: fromRoot("packages/core/src/index.ts") },
      { find: /^@maskery\/core\/testing$/, replacement: fromRoot("packages/core/src/testing/index.ts") },
      { find: /^@maskery\/node$/, replacement: fromRoot("packages/node/src/index.ts") },
    ],
  },
  test: {
    // onnxruntime and sharp are native: a process per file keeps one file's crash or leftover thread out of the others.
    pool: "forks",
    maxWorkers: 2,
    testTimeout: 30_000,
    hookTimeout: 30_000,
    projects: [
      packageProject("core"),
      packageProject("node"),
      packageProject("model-nano"),
      { extends: true, test: { name: "workspace", include: ["tests/**/*.test.ts"] } },
    ],
  },
});
