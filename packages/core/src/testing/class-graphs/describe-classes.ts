import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Runtime } from "../../backend/runtime.js";
import { fourShapes } from "../layout-graphs/layout-cases.js";
import { classPictures, measureClasses, smallClassPictures } from "./class-harness.js";
import type { ClassGraphModel } from "./class-model.js";

export interface ClassSuiteParts {
  /** Makes the runtime that runs the graphs; the suite disposes it. */
  runtime(): Runtime | Promise<Runtime>;
}

/** Colours are told apart surely, up to the blur of quarter-size planes. */
const LEAST_CONFIDENCE = 0.8;

/** Asks a model that names what it finds about drawn pictures of every shape: right names, right places, nothing else. */
export function describeClasses(title: string, model: ClassGraphModel, parts: ClassSuiteParts): void {
  describe(title, () => {
    let runtime: Runtime;
    beforeAll(async () => {
      runtime = await parts.runtime();
    });
    afterAll(() => runtime?.dispose());

    const names = (colours: readonly string[]) =>
      Object.entries(model.classes)
        .filter(([colour]) => colours.includes(colour))
        .map(([, name]) => name)
        .sort();

    for (const pictureCase of classPictures()) {
      test(pictureCase.title, async () => {
        const { measured, found } = await measureClasses(model, runtime, pictureCase);
        expect(found).toEqual(names(["red", "green", "ground"]));
        for (const { class: name, iou, confidence } of measured) {
          expect(iou, name).toBeGreaterThanOrEqual(model.leastIou);
          expect(confidence, name).toBeGreaterThanOrEqual(LEAST_CONFIDENCE);
          expect(confidence, name).toBeLessThanOrEqual(1);
        }
      });
    }

    for (const pictureCase of smallClassPictures()) {
      test(`${pictureCase.title}: only red and the ground`, async () => {
        const { measured, found } = await measureClasses(model, runtime, pictureCase);
        const { red } = pictureCase.picture;
        expect(found).toEqual(names(red.area === red.width * red.height ? ["red"] : ["red", "ground"]));
        // Few pixels: each one that goes wrong weighs much, so half of the allowance of large pictures once more.
        expect(measured.find(({ colour }) => colour === "red")!.iou).toBeGreaterThanOrEqual(0.85);
      });
    }

    test("a host that swaps red and blue is found out", async () => {
      const swapped = model.spec.image.channels === "bgr" ? "rgb" : "bgr";
      const wrong = {
        ...model,
        spec: { ...model.spec, image: { ...model.spec.image, channels: swapped } },
      } as const;
      const { measured } = await measureClasses(wrong, runtime, fourShapes("swapped", 300, 200));
      expect(Math.min(...measured.map(({ iou }) => iou))).toBeLessThan(model.leastIou);
    });
  });
}
