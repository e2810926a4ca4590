import { execFile } from "node:child_process";
import { accessSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { build } from "esbuild";
import { expect, it } from "vitest";
import { paintTestScene } from "./support/paint-scene.js";
import { requirement } from "./support/requirement.js";

const browserPaths = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];
const browser = browserPaths.find((path) => {
  try {
    accessSync(path);
    return true;
  } catch {
    return false;
  }
});

const withChromium = requirement("Chromium", browser ? null : `none of ${browserPaths.join(", ")} is there`);

/** One part of 255: what two engines' powers and roots may differ by. */
const TOLERANCE = 1;

withChromium("a recipe painted in Chromium", () => {
  it("gives the picture that Node gives, within 1/255", async () => {
    const folder = await mkdtemp(join(tmpdir(), "maskery-recipe-"));
    try {
      const fromBrowser = await paintInBrowser(folder);
      const fromNode = await paintTestScene();
      expect(fromBrowser).toHaveLength(fromNode.length);
      const worst = fromNode.reduce(
        (most, value, index) => Math.max(most, Math.abs(value - fromBrowser[index]!)),
        0,
      );
      expect(worst).toBeLessThanOrEqual(TOLERANCE);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
});

/** Bundles the scene with core, runs it in a page without any server, and reads the pixels from the page's text. */
async function paintInBrowser(folder: string): Promise<Uint8Array> {
  const bundle = await build({
    stdin: {
      contents: `import { paintTestScene } from "./support/paint-scene.js";
        paintTestScene().then(
          (pixels) => { document.body.textContent = "pixels:" + btoa(String.fromCharCode(...pixels)) + ":end"; },
          (error) => { document.body.textContent = "failed: " + error.stack; },
        );`,
      resolveDir: import.meta.dirname,
    },
    alias: { "@maskery/core": join(import.meta.dirname, "../packages/core/src/index.ts") },
    bundle: true,
    format: "iife",
    platform: "browser",
    write: false,
  });
  const page = join(folder, "page.html");
  await writeFile(
    page,
    `<!doctype html><meta charset="utf-8"><body></body><script>${bundle.outputFiles[0]!.text.replaceAll("</script", "<\\/script")}</script>`,
  );
  const flags = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
  ];
  const { stdout } = await promisify(execFile)(
    browser!,
    [
      ...flags,
      `--user-data-dir=${join(folder, "profile")}`,
      "--virtual-time-budget=20000",
      "--dump-dom",
      pathToFileURL(page).href,
    ],
    { maxBuffer: 64 * 1024 * 1024, timeout: 60_000 },
  );
  const encoded = /pixels:([A-Za-z0-9+/=]+):end/.exec(stdout)?.[1];
  if (encoded === undefined) throw new Error(`The page did not paint: ${stdout.slice(0, 2000)}`);
  return Uint8Array.from(Buffer.from(encoded, "base64"));
}
