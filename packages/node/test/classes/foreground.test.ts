import { Mask } from "@maskery/core";
import { placeForegroundModel } from "@maskery/core/classes";
import {
  biRefNetModel,
  classPictures,
  type DrawnPicture,
  describeForeground,
  type ForegroundGraphModel,
  isNetModel,
  oneGraphStore,
  rmbgModel,
  u2netModel,
} from "@maskery/core/testing";
import { createOnnxRuntime } from "@maskery/node";
import { describe, expect, test } from "vitest";

const parts = { runtime: () => createOnnxRuntime() };

describeForeground("U²-Net", u2netModel(), parts);
describeForeground("IS-Net", isNetModel(), parts);
describeForeground("BiRefNet", biRefNetModel(), parts);
describeForeground("RMBG", rmbgModel(), parts);

async function subjectOf(spec: ForegroundGraphModel["spec"], image: DrawnPicture["image"]) {
  const runtime = createOnnxRuntime();
  try {
    const placed = await placeForegroundModel(spec, oneGraphStore(u2netModel().model), runtime, {
      threads: 1,
    });
    return Mask.fromAlpha(await placed.find(image));
  } finally {
    await runtime.dispose();
  }
}

describe("what rembg does to pictures and planes", () => {
  const { spec } = u2netModel();
  const { image, red } = classPictures()[0]!.picture;
  const dark = { ...image, data: image.data.map((value, index) => (index % 4 === 3 ? value : value >> 1)) };

  test("a dark picture is as good as a bright one, because its own maximum counts", async () => {
    expect((await subjectOf(spec, dark)).iou(red)).toBeGreaterThanOrEqual(0.95);
    const { maximum: _, ...rest } = spec.image;
    expect((await subjectOf({ ...spec, image: rest }, dark)).isEmpty).toBe(true);
  });

  test("values in a narrow range are stretched", async () => {
    expect((await subjectOf({ ...spec, stretch: "none" }, image)).isEmpty).toBe(true);
  });
});
