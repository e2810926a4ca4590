import { describe, expect, test } from "vitest";
import { frameFor } from "./picture-frame.js";
import type { PictureInput } from "./picture-input.js";

const input = (rest: Pick<PictureInput, "resize"> & Partial<PictureInput>): PictureInput => ({
  mean: [0, 0, 0],
  std: [1, 1, 1],
  ...rest,
});

describe("where a picture lies in a model's input", () => {
  test.each([
    // torchvision's Resize(520): the longer side is truncated.
    ["landscape", { width: 640, height: 427 }, [779, 520]],
    ["portrait", { width: 333, height: 500 }, [520, 780]],
    ["square", { width: 300, height: 300 }, [520, 520]],
  ])("shorter side, %s", (_, image, [width, height]) => {
    expect(frameFor(image, input({ resize: { rule: "shorter", side: 520 } }))).toMatchObject({
      width,
      height,
      resizedWidth: width,
      resizedHeight: height,
      left: 0,
      top: 0,
    });
  });

  test.each([
    // 800 × 1200 would fit, 800 × 2400 would not: DETR's bound on the longer side.
    [{ width: 600, height: 400 }, [1200, 800]],
    [{ width: 1200, height: 400 }, [1332, 444]],
    [{ width: 400, height: 1200 }, [444, 1332]],
  ])("shorter side with a bound: %o", (image, [width, height]) => {
    const frame = frameFor(image, input({ resize: { rule: "shorter", side: 800, longest: 1333 } }));
    expect([frame.width, Math.abs(frame.width - width!) <= 1]).toEqual([frame.width, true]);
    expect(Math.abs(frame.height - height!)).toBeLessThanOrEqual(1);
    expect(Math.max(frame.width, frame.height)).toBeLessThanOrEqual(1333);
  });

  test("padding keeps the picture's size, stretching does not", () => {
    const resize = { rule: "shorter", side: 100 } as const;
    const image = { width: 150, height: 100 };
    expect(frameFor(image, input({ resize, multiple: { of: 32, by: "padding" } }))).toMatchObject({
      width: 160,
      height: 128,
      resizedWidth: 150,
      resizedHeight: 100,
    });
    expect(frameFor(image, input({ resize, multiple: { of: 32, by: "stretching" } }))).toMatchObject({
      width: 160,
      height: 128,
      resizedWidth: 160,
      resizedHeight: 128,
    });
  });

  test.each([
    // Ultralytics: round(d - 0.1) on the left and at the top.
    [
      { width: 810, height: 1080 },
      { resizedWidth: 480, resizedHeight: 640, left: 80, top: 0 },
    ],
    [
      { width: 1280, height: 719 },
      { resizedWidth: 640, resizedHeight: 360, left: 0, top: 140 },
    ],
    [
      { width: 640, height: 425 },
      { resizedWidth: 640, resizedHeight: 425, left: 0, top: 107 },
    ],
  ])("letterbox: %o", (image, expected) => {
    const resize = { rule: "letterbox", width: 640, height: 640, fill: 114 } as const;
    expect(frameFor(image, input({ resize }))).toMatchObject({ width: 640, height: 640, ...expected });
  });

  test("a picture of one row does not become a million columns", () => {
    const frame = frameFor({ width: 5000, height: 1 }, input({ resize: { rule: "shorter", side: 800 } }));
    expect(Math.max(frame.width, frame.height)).toBeLessThanOrEqual(4096);
    expect(Math.min(frame.width, frame.height)).toBeGreaterThanOrEqual(1);
  });
});
