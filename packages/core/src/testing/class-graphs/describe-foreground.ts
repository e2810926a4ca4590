import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Runtime } from "../../backend/runtime.js";
import { Mask } from "../../mask/mask.js";
import { placeForegroundModel } from "../../model/foreground/place-foreground-model.js";
import { classPictures } from "./class-harness.js";
import { type ForegroundGraphModel, oneGraphStore } from "./class-model.js";
import type { ClassSuiteParts } from "./describe-classes.js";

const LEAST_IOU = 0.95;

/** Asks a model that tells the subject from the background about drawn pictures, in which red is the subject. */
export function describeForeground(title: string, model: ForegroundGraphModel, parts: ClassSuiteParts): void {
  describe(title, () => {
    let runtime: Runtime;
    beforeAll(async () => {
      runtime = await parts.runtime();
    });
    afterAll(() => runtime?.dispose());

    const alphaOf = async (
      image: { width: number; height: number; data: Uint8Array | Uint8ClampedArray },
      spec = model.spec,
    ) => {
      const placed = await placeForegroundModel(spec, oneGraphStore(model.model), runtime, { threads: 1 });
      try {
        return await placed.find(image);
      } finally {
        await placed.dispose();
      }
    };

    for (const { title: pictureTitle, picture } of classPictures()) {
      test(pictureTitle, async () => {
        const alpha = await alphaOf(picture.image);
        expect(Mask.fromAlpha(alpha).iou(picture.red)).toBeGreaterThanOrEqual(LEAST_IOU);
        // Away from borders the model is sure, so the alpha is near 255 and near 0, not only on the right side of a half.
        expect(alpha.gray[indexOf(picture, 0.25, 0.3)]).toBeGreaterThan(240);
        expect(alpha.gray[indexOf(picture, 0.72, 0.32)]).toBeLessThan(15);
        expect(alpha.gray[indexOf(picture, 0.5, 0.5)]).toBeLessThan(15);
      });
    }

    test("a host that swaps red and blue is found out", async () => {
      const { picture } = classPictures()[0]!;
      const spec = { ...model.spec, image: { ...model.spec.image, channels: "bgr" as const } };
      expect(Mask.fromAlpha(await alphaOf(picture.image, spec)).iou(picture.red)).toBeLessThan(LEAST_IOU);
    });
  });
}

function indexOf(picture: ReturnType<typeof classPictures>[number]["picture"], x: number, y: number): number {
  const pixel = picture.at(x, y);
  return pixel.y * picture.image.width + pixel.x;
}
