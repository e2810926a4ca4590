import { describe, expect, test } from "vitest";
import { parseDevice } from "./device-option.js";
import { parsePrecision } from "./precision-option.js";

describe("--device", () => {
  test.each([
    ["auto", "auto"],
    ["cuda", "cuda"],
    ["encoder=cuda,decoder=cpu", { encoder: "cuda", decoder: "cpu" }],
    ["decoder=cpu, encoder=webgpu", { encoder: "webgpu", decoder: "cpu" }],
    // The other half stays "auto".
    ["decoder=cpu", { decoder: "cpu" }],
    // Whether there is such a device is the runtime's to say.
    ["abacus", "abacus"],
  ])("reads %s", (text, choice) => {
    expect(parseDevice(text)).toEqual(choice);
  });

  test.each([
    "",
    "cuda,cpu",
    "encoder=",
    "=cpu",
    "encoder=cuda,encoder=cpu",
    "both=cpu",
    "encoder=cpu=gpu",
    "encoder=cuda,",
  ])("refuses %j", (text) => {
    expect(() => parseDevice(text)).toThrow(
      expect.objectContaining({
        code: "INVALID_INPUT",
        field: "--device",
        message: expect.stringContaining("encoder=…,decoder=…"),
      }),
    );
  });
});

describe("--precision", () => {
  test.each([
    ["auto", "auto"],
    ["q4f16", "q4f16"],
    ["encoder=fp16,decoder=fp32", { encoder: "fp16", decoder: "fp32" }],
    ["encoder=fp16,decoder=auto", { encoder: "fp16" }],
  ])("reads %s", (text, choice) => {
    expect(parsePrecision(text)).toEqual(choice);
  });

  test.each(["", "half", "fp16,fp32", "encoder=half", "model=fp16", "encoder=fp16,encoder=fp32"])(
    "refuses %j",
    (text) => {
      expect(() => parsePrecision(text)).toThrow(
        expect.objectContaining({ code: "INVALID_INPUT", field: "--precision" }),
      );
    },
  );
});
