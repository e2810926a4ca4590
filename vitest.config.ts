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
      {
        find: /^@maskery\/core\/catalogue$/,
        replacement: fromRoot("packages/core/src/model/catalogue/index.ts"),
      },
      {
        find: /^@maskery\/core\/classes$/,
        replacement: fromRoot("packages/core/src/model/classes/index.ts"),
      },
      { find: /^@maskery\/core\/testing$/, replacement: fromRoot("packages/core/src/testing/index.ts") },
      { find: /^@maskery\/node$/, replacement: fromRoot("packages/node/src/index.ts") },
      {
        find: /^@maskery\/http-adapter$/,
        replacement: fromRoot("packages/http-adapter/src/index.ts"),
      },
      {
        find: /^@maskery\/http-adapter\/(express|fastify|koa|hono|node)$/,
        replacement: fromRoot("packages/http-adapter/src/mount/$1.ts"),
      },
      {
        find: /^@maskery\/http-adapter\/(client|serve)$/,
        replacement: fromRoot("packages/http-adapter/src/$1/index.ts"),
      },
    ],
  },
  test: {
    // onnxruntime and sharp are native: a process per file keeps one file's crash or leftover thread out of the others.
    pool: "forks",
    maxWorkers: 2,
    // Generous, so that a slow or busy machine fails no test; what hangs is still ended.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    expect: { poll: { timeout: 60_000 } },
    projects: [
      packageProject("core"),
      packageProject("node"),
      packageProject("http-adapter"),
      packageProject("model-nano"),
      { extends: true, test: { name: "workspace", include: ["tests/**/*.test.ts"] } },
    ],
  },
});
