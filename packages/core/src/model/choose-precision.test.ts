import { describe, expect, it } from "vitest";
import { availablePrecisions, choosePrecision } from "./choose-precision.js";
import { requireAcceptedLicense } from "./license-terms.js";
import { externalDataFiles, modelFiles } from "./model-files.js";
import { type ModelSpec, modelFingerprint, parseModelSpec } from "./model-spec.js";
import type { PrecisionChoice } from "./precision.js";

const graph = (name: string) => ({ name: `${name}.onnx`, externalData: [{ name: `${name}.onnx_data` }] });

const model: ModelSpec = {
  id: "drawn",
  title: "Drawn",
  family: "sam2",
  version: "1",
  license: "MIT",
  files: { encoder: graph("encoder"), decoder: graph("decoder") },
  variants: {
    fp16: { encoder: graph("encoder_fp16"), decoder: graph("decoder_fp16") },
    q8: { encoder: graph("encoder_q8") },
    q4: { encoder: graph("encoder_q4"), decoder: graph("decoder_q4") },
  },
  unreliable: { encoder: ["q4"], decoder: ["fp16", "q4"] },
  image: { size: 1024, resize: "stretch", mean: [0, 0, 0], std: [1, 1, 1] },
};

describe("choosing a precision", () => {
  it.each<[PrecisionChoice | undefined, boolean, string, string]>([
    [undefined, false, "fp32", "fp32"],
    ["auto", true, "fp16", "fp32"],
    ["fp32", true, "fp32", "fp32"],
    ["fp16", false, "fp16", "fp32"],
    ["q8", false, "q8", "fp32"],
    [{ encoder: "fp16", decoder: "fp16" }, false, "fp16", "fp16"],
    [{ decoder: "q4" }, true, "fp16", "q4"],
    [{ encoder: undefined, decoder: undefined }, false, "fp32", "fp32"],
  ])("%j, half precision preferred: %j → %s + %s", (choice, prefersHalfPrecision, encoder, decoder) => {
    const chosen = choosePrecision(model, choice, { prefersHalfPrecision });
    expect(chosen.precision).toEqual({ encoder, decoder });
    const suffix = (precision: string) => (precision === "fp32" ? "" : `_${precision}`);
    expect(chosen.files).toEqual({
      encoder: graph(`encoder${suffix(encoder)}`),
      decoder: graph(`decoder${suffix(decoder)}`),
    });
  });

  it("can be changed again: nothing of the model is lost", () => {
    const once = choosePrecision(model, { encoder: "q8", decoder: "q4" });
    expect(choosePrecision(once, "auto").files).toEqual(model.files);
    for (const half of ["encoder", "decoder"] as const)
      expect(availablePrecisions(once, half)).toEqual(availablePrecisions(model, half));
    expect(parseModelSpec(JSON.parse(JSON.stringify(once)))).toEqual(once);
  });

  it("falls back to what is there, even if that is not relied on", () => {
    const only: ModelSpec = {
      ...model,
      variants: undefined,
      precision: { encoder: "fp16", decoder: "fp16" },
    };
    expect(choosePrecision(only).precision).toEqual({ encoder: "fp16", decoder: "fp16" });
  });

  it.each([
    ["half", /precision: expected "auto", fp32, .* received "half"/],
    ["int8", /precision: expected one of what drawn has: encoder fp32, fp16, q8 \(.*q4\); decoder fp32 \(/],
    ["q4", /precision: expected one of what drawn has/],
    [
      { encoder: "int8" },
      /precision\.encoder: expected one of what drawn has: fp32, fp16, q8, q4, received "int8"/,
    ],
    [{ brain: "fp16" }, /precision\.brain: expected/],
    [16, /precision: expected .* received 16/],
    [null, /precision: expected .* received null/],
  ])("refuses %j", (choice, message) => {
    expect(() => choosePrecision(model, choice as PrecisionChoice)).toThrow(
      expect.objectContaining({ code: "INVALID_INPUT", message: expect.stringMatching(message) }),
    );
  });
});

describe("the fingerprint of a model", () => {
  it("changes with the files, their precision and the frame of prompts", () => {
    const variants = [
      model,
      choosePrecision(model, "fp16"),
      choosePrecision(model, "q8"),
      { ...model, precision: { encoder: "fp32", decoder: "fp16" } as const },
      { ...model, image: { ...model.image, promptSize: 512 } },
      { ...model, layout: "sam2-hf" as const },
      { ...model, files: { ...model.files, encoder: { name: "encoder.onnx" } } },
    ];
    expect(new Set(variants.map(modelFingerprint)).size).toBe(variants.length);
    expect(modelFingerprint(choosePrecision(model))).toBe(modelFingerprint(model));
  });
});

describe("the files of a model", () => {
  it("lie beside their graph, by the name that the graph uses", () => {
    const encoder = { name: "onnx/encoder.onnx", externalData: [{ name: "encoder.onnx_data", bytes: 7 }] };
    expect(externalDataFiles(encoder)).toEqual([
      { nameInGraph: "encoder.onnx_data", file: { name: "onnx/encoder.onnx_data", bytes: 7 } },
    ]);
    expect(modelFiles({ files: { encoder, again: encoder } }).map(({ name }) => name)).toEqual([
      "onnx/encoder.onnx",
      "onnx/encoder.onnx_data",
    ]);
  });

  it.each(["", "/encoder.onnx", "../encoder.onnx", "a/../../b", "a//b", "./a", "C:\\model", "a\0b"])(
    "cannot be called %j",
    (name) => {
      const outside = { ...model, files: { ...model.files, encoder: { name } } };
      expect(() => parseModelSpec(outside)).toThrow(
        expect.objectContaining({ code: "INVALID_INPUT", field: "model.files.encoder.name" }),
      );
    },
  );
});

describe("terms", () => {
  const terms = { name: "House Rules", url: "https://example.org/rules" };

  it("stop only who has not accepted them, and only where that is asked for", () => {
    const strict = { id: "drawn", terms: { ...terms, acceptance: "required" as const } };
    expect(() => requireAcceptedLicense(strict, undefined)).toThrow(
      expect.objectContaining({ code: "FORBIDDEN", field: "acceptLicense" }),
    );
    requireAcceptedLicense(strict, true);
    requireAcceptedLicense({ id: "drawn", terms }, undefined);
    requireAcceptedLicense(model, false);
  });
});

it.each([
  [{ ...model, task: "classes" }, "model.task"],
  [{ ...model, layout: "sam9" }, "model.layout"],
  [{ ...model, variants: { fp8: {} } }, "model.variants.fp8"],
  [{ ...model, precision: { encoder: "fp8", decoder: "fp32" } }, "model.precision.encoder"],
  [{ ...model, files: { ...model.files, extra: { name: "x" } } }, "model.files.extra"],
])("a description at fault is refused by the member: case %#", (input, field) => {
  expect(() => parseModelSpec(input)).toThrow(expect.objectContaining({ code: "INVALID_INPUT", field }));
});
