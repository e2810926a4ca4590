// @ts-check
import { createSegmentationApi } from "@maskery/http-adapter";
import { createNodePlatform, createSegmenter } from "@maskery/node";

const key = Symbol.for("example.segmentation-api");

/**
 * One API for the whole process: Next loads a module anew for each route, and after each change while developing.
 * @returns {import("@maskery/http-adapter").SegmentationApi}
 */
export function segmentationApi() {
  const shared = /** @type {Record<symbol, import("@maskery/http-adapter").SegmentationApi | undefined>} */ (
    globalThis
  );
  shared[key] ??= createSegmentationApi({
    segmenter: () => createSegmenter(),
    platform: createNodePlatform(),
  });
  return shared[key];
}
