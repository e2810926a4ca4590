import { placeModelLocally, Segmenter } from "@maskery/core";
import { type LayoutModel, layoutModelStore } from "@maskery/core/testing";
import { createOnnxRuntime } from "@maskery/node";
import { createNodePlatform } from "../../packages/node/src/platform.js";
import { type Feeds, recordRuntime } from "./recorded-runtime.js";

export interface OurModel {
  readonly segmenter: Segmenter;
  /** What the encoder was fed last. */
  lastEncoderFeeds(): Feeds;
  /** What the decoder was fed last. */
  lastDecoderFeeds(): Feeds;
  dispose(): Promise<void>;
}

/** The SDK with a pair of small graphs. */
export async function ourModel(model: LayoutModel): Promise<OurModel> {
  const recorded = recordRuntime(createOnnxRuntime({ threads: 1 }));
  const placement = await placeModelLocally(model.spec, layoutModelStore(model), recorded.runtime);
  const segmenter = new Segmenter(placement, createNodePlatform());
  return {
    segmenter,
    lastEncoderFeeds: () => recorded.lastRunOf("pixel_values"),
    lastDecoderFeeds: () => recorded.lastRunOf("iou_scores"),
    async dispose() {
      await segmenter.dispose();
      await recorded.runtime.dispose();
    },
  };
}
