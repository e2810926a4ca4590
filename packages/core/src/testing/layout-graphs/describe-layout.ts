import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Platform } from "../../backend/platform.js";
import type { Runtime } from "../../backend/runtime.js";
import { Mask } from "../../mask/mask.js";
import { detectLayout } from "../../model/find-layout.js";
import type { Segmenter } from "../../segment/segmenter.js";
import { expectRejection } from "../contract-suite.js";
import { fourShapes, layoutPictures } from "./layout-cases.js";
import { canAnswer, layoutSegmenter, measurePicture } from "./layout-harness.js";
import type { LayoutModel } from "./layout-model.js";

export interface LayoutSuiteParts {
  /** Makes the runtime that runs the graphs; the suite disposes it. */
  runtime(): Runtime | Promise<Runtime>;
  readonly platform: Platform;
}

/** Overlap with the drawn shape below which a layout has failed. */
export const LEAST_LAYOUT_IOU = 0.95;

/**
 * Asks one layout about drawn pictures of every shape: points, negative points, boxes, earlier masks, several objects in a
 * call. What a layout cannot do, it must refuse with `UNSUPPORTED_PROMPT`.
 * @param model - Graphs in the layout's own tensors, from a maker in this folder.
 */
export function describeLayout(title: string, model: LayoutModel, parts: LayoutSuiteParts): void {
  describe(title, () => {
    let runtime: Runtime;
    let segmenter: Segmenter;
    beforeAll(async () => {
      runtime = await parts.runtime();
      segmenter = await layoutSegmenter(model, runtime, parts.platform);
    });
    afterAll(async () => {
      await segmenter?.dispose();
      await runtime?.dispose();
    });

    test("is told by its tensors", async () => {
      const load = (bytes: Uint8Array) => runtime.load({ model: { kind: "bytes", bytes: bytes.slice() } });
      const [encoder, decoder] = await Promise.all([load(model.encoder), load(model.decoder)]);
      expect(detectLayout(encoder, decoder).name).toBe(model.spec.layout);
      await Promise.all([encoder.dispose(), decoder.dispose()]);
    });

    for (const pictureCase of layoutPictures()) {
      test(pictureCase.title, async () => {
        for (const { title: asked, iou } of await measurePicture(segmenter, pictureCase))
          expect(iou, asked).toBeGreaterThanOrEqual(LEAST_LAYOUT_IOU);
      });
    }

    test("several objects in one call, of ragged prompts", async () => {
      const answers = await measurePicture(segmenter, fourShapes("together", 290, 210), { together: true });
      for (const { title: asked, iou } of answers)
        expect(iou, asked).toBeGreaterThanOrEqual(LEAST_LAYOUT_IOU);
    });

    test("refuses by name what it cannot do", async () => {
      const { picture, prompts } = fourShapes("refusals", 60, 40);
      for (const promptCase of prompts) {
        if (canAnswer(segmenter.abilities, promptCase)) continue;
        await expectRejection(segmenter.segment(picture.image, promptCase.prompt), "UNSUPPORTED_PROMPT");
      }
    });

    test("finds everything by itself, where points alone are enough", async () => {
      if (!segmenter.abilities.points || segmenter.abilities.needsBox) return;
      const { picture } = fourShapes("everything", 250, 190);
      const session = await segmenter.open(picture.image);
      const found: Mask[] = [];
      const options = { pointsPerSide: 4, predIouThresh: 0, stabilityScoreThresh: 0 };
      for await (const { mask } of session.everything(options)) found.push(mask);
      for (const truth of [picture.red, picture.green]) {
        const best = Math.max(...found.map((mask) => mask.iou(truth)));
        expect(best).toBeGreaterThanOrEqual(LEAST_LAYOUT_IOU);
      }
      await session.dispose();
    });

    test("starts from an earlier mask, or refuses one", async () => {
      const { picture } = fourShapes("earlier mask", 270, 180);
      const onRed = { ...picture.at(0.2, 0.85), label: 1 } as const;
      const onGreen = { ...picture.at(0.8, 0.22), label: 1 } as const;
      const both = picture.red.union(picture.green);
      const session = await segmenter.open(picture.image);
      const drawn = Mask.fromRle(both.toCocoRle());
      if (!segmenter.abilities.maskInput) {
        await expectRejection(session.segment({ points: [onRed], mask: drawn }), "UNSUPPORTED_PROMPT");
        return;
      }
      const { best } = await session.segment([onRed, onGreen]);
      // Without a mask the click finds red alone; a mask that the model never saw has no logits of its own.
      for (const mask of [best, drawn]) {
        const result = await session.segment({ points: [onRed], mask });
        expect(result.best.iou(both)).toBeGreaterThanOrEqual(LEAST_LAYOUT_IOU);
        const alone = await session.segment({ mask });
        expect(alone.best.iou(both)).toBeGreaterThanOrEqual(LEAST_LAYOUT_IOU);
      }
      const [withMask, without] = await session.segmentMany([
        { points: [onRed], mask: best },
        { points: [onRed] },
      ]);
      expect(withMask!.best.iou(both)).toBeGreaterThanOrEqual(LEAST_LAYOUT_IOU);
      expect(without!.best.iou(picture.red)).toBeGreaterThanOrEqual(LEAST_LAYOUT_IOU);
    });
  });
}
