import { createSegmenter, type DeviceChoice, type RgbaImage } from "@maskery/node";
import { describe, expect, test } from "vitest";

/** A light square on a dark ground. */
function picture(): RgbaImage {
  const [width, height] = [96, 80];
  const data = new Uint8ClampedArray(width * height * 4).fill(255);
  for (let index = 0; index < width * height; index++) {
    const [x, y] = [index % width, Math.floor(index / width)];
    const inside = x >= 24 && x < 64 && y >= 20 && y < 60;
    data.set(inside ? [230, 220, 90] : [30, 40, 60], index * 4);
  }
  return { width, height, data };
}

describe("createSegmenter and devices", () => {
  test("takes a device for each half, and tells how each was settled", async () => {
    const segmenter = await createSegmenter({ device: { encoder: "cpu" }, warmUp: true });
    try {
      expect(segmenter.device).toBe("cpu");
      const { encoder, decoder } = segmenter.deviceReport;
      expect(encoder).toEqual({
        wanted: "cpu",
        taken: "cpu",
        trials: [{ device: "cpu", outcome: "taken", reason: "it was asked for" }],
      });
      expect(decoder).toMatchObject({ wanted: "auto", taken: "cpu" });
    } finally {
      await segmenter.dispose();
    }
  });

  test("gives the same answer for every click on an embedding that stays with the decoder", async () => {
    const segmenter = await createSegmenter({ device: "cpu", resultCache: { maxBytes: 0 } });
    try {
      const [image, click] = [picture(), [{ x: 44, y: 40 }]];
      const other = { ...image, data: image.data.map((value) => 255 - value) };
      const first = await segmenter.segment(image, click);
      const between = await segmenter.segment(other, [{ x: 5, y: 5 }]);
      const again = await segmenter.segment(image, click);
      expect(again.best.iou(first.best)).toBe(1);
      expect(again.best.score).toBe(first.best.score);
      expect(between.best.iou(first.best)).toBeLessThan(0.5);
    } finally {
      await segmenter.dispose();
    }
  });

  test.each<[string, unknown, string, RegExp]>([
    [
      "a device that no engine has",
      "abacus",
      "DEVICE_UNAVAILABLE",
      /device: expected one of auto, .*received "abacus"/,
    ],
    [
      "a half that there is not",
      { describer: "cpu" },
      "INVALID_INPUT",
      /device: expected a device's name, or/,
    ],
    [
      "a number for a half",
      { decoder: 3 },
      "INVALID_INPUT",
      /device.decoder: expected a device's name, received 3/,
    ],
    ["nothing at all", null, "INVALID_INPUT", /device: expected a device's name, or .*received null/],
  ])("refuses %s", async (_what, device, code, message) => {
    await expect(createSegmenter({ device: device as DeviceChoice })).rejects.toMatchObject({
      code,
      message: expect.stringMatching(message),
    });
  });
});
