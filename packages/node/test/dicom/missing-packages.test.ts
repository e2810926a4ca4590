import { afterEach, expect, test, vi } from "vitest";
import { writeDicom } from "../../src/dicom/dicom-writer.test-support.js";
import { loadOptional } from "../../src/dicom/load-optional.js";
import { elementsOf, jpeg2000, jpegLs, pixelData, ramp12, set, uid, words } from "./support.js";

afterEach(() => {
  vi.doUnmock("dicom-parser");
  vi.doUnmock("@cornerstonejs/codec-charls/decodewasmjs");
  vi.doUnmock("@cornerstonejs/codec-openjpeg/decodewasmjs");
  vi.resetModules();
});

/** The packages are installed here: their modules are made to fail as one that is not there does. */
const absent = (name: string) => () => {
  throw Object.assign(new Error(`Cannot find package '${name}'`), { code: "ERR_MODULE_NOT_FOUND" });
};

test.each([
  ["dicom-parser", "dicom-parser", () => writeDicom(elementsOf(pixelData(ramp12)))],
  [
    "@cornerstonejs/codec-charls",
    "@cornerstonejs/codec-charls/decodewasmjs",
    () =>
      writeDicom(elementsOf(set(), 16, 12), {
        syntax: uid(".4.80"),
        fragments: [[jpegLs(words(ramp12), 12)]],
      }),
  ],
  [
    "@cornerstonejs/codec-openjpeg",
    "@cornerstonejs/codec-openjpeg/decodewasmjs",
    () =>
      writeDicom(elementsOf(set(), 16, 12), {
        syntax: uid(".4.90"),
        fragments: [[jpeg2000(words(ramp12), 12)]],
      }),
  ],
])("without %s a file that needs it says what to install", async (name, module, make) => {
  vi.resetModules();
  vi.doMock(module, absent(name));
  const { readDicom } = await import("../../src/dicom/read-dicom.js");
  const failure = await readDicom(make())
    .then((picture) => picture.decodeFrame(0))
    .catch((error: unknown) => error);
  expect(failure).toMatchObject({ code: "UNSUPPORTED_FORMAT", field: "image" });
  expect((failure as Error).message).toContain(`npm install ${name}`);
});

test("a load that failed is tried again", async () => {
  const name = "@maskery/no-such-package";
  await expect(loadOptional(name, () => import(/* @vite-ignore */ name))).rejects.toMatchObject({
    code: "UNSUPPORTED_FORMAT",
    message: expect.stringContaining(`npm install ${name}`),
  });
  expect(await loadOptional(name, async () => "installed since")).toBe("installed since");
  expect(await loadOptional(name, async () => "not loaded twice")).toBe("installed since");
});
