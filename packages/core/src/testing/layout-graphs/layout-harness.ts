import type { ModelStore } from "../../backend/model-store.js";
import type { Platform } from "../../backend/platform.js";
import type { Runtime } from "../../backend/runtime.js";
import { MaskeryError } from "../../errors.js";
import type { PromptAbilities } from "../../model/layout.js";
import { placeModelLocally } from "../../segment/local-placement.js";
import { Segmenter } from "../../segment/segmenter.js";
import type { PictureCase, PromptCase } from "./layout-cases.js";
import type { LayoutModel } from "./layout-model.js";

/** A store that holds the two files of one model in memory. */
export function layoutModelStore({ spec, encoder, decoder }: LayoutModel): ModelStore {
  const files = new Map([
    [spec.files.encoder.name, encoder],
    [spec.files.decoder.name, decoder],
  ]);
  return {
    contractVersion: 1,
    name: "layout graphs",
    async fetch(file) {
      const bytes = files.get(file.name);
      if (!bytes) throw new MaskeryError("MODEL_NOT_FOUND", `${file.name}: not among the layout's graphs`);
      // A copy, because a runtime may take the buffer to another thread.
      return { kind: "bytes", bytes: bytes.slice() };
    },
  };
}

/** A segmenter over one layout's graphs, which remembers no results: every prompt reaches the decoder. */
export async function layoutSegmenter(
  model: LayoutModel,
  runtime: Runtime,
  platform: Platform,
): Promise<Segmenter> {
  const placement = await placeModelLocally(model.spec, layoutModelStore(model), runtime, { threads: 1 });
  return new Segmenter(placement, platform, { resultCache: { maxBytes: 0 } });
}

export function canAnswer(abilities: PromptAbilities, { needs, prompt }: PromptCase): boolean {
  return needs.every((need) => abilities[need]) && (prompt.box !== undefined || !abilities.needsBox);
}

/** One answer held against what was drawn. */
export interface MeasuredAnswer {
  readonly title: string;
  readonly iou: number;
}

/** Asks what the layout can answer about one picture, each prompt by itself, or all in one call. */
export async function measurePicture(
  segmenter: Segmenter,
  pictureCase: PictureCase,
  { together = false } = {},
): Promise<MeasuredAnswer[]> {
  const session = await segmenter.open(pictureCase.picture.image);
  try {
    const asked = pictureCase.prompts.filter((prompt) => canAnswer(segmenter.abilities, prompt));
    const prompts = asked.map(({ prompt }) => prompt);
    const results = together
      ? await session.segmentMany(prompts)
      : await Promise.all(prompts.map((prompt) => session.segment(prompt)));
    return asked.map(({ title, truth }, index) => ({
      title: `${pictureCase.title}: ${title}`,
      iou: results[index]!.best.iou(truth),
    }));
  } finally {
    await session.dispose();
  }
}
