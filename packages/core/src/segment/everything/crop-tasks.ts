import type { CallOptions } from "../../cancellation.js";
import { type CropBox, cropBoxes } from "./crop-boxes.js";
import type { CropTask } from "./decode-batches.js";
import type { EverythingContext } from "./everything-context.js";
import type { GridPoint, ResolvedEverythingOptions } from "./options.js";
import { layerGrids, pointGrid } from "./point-grid.js";
import { tileBoxes } from "./tiles/tile-boxes.js";

/** The parts of the picture that a run looks at, in order, each with its points. */
export async function cropTasks(
  context: EverythingContext,
  options: ResolvedEverythingOptions,
  callOptions: CallOptions,
): Promise<CropTask[]> {
  const { boxes, grids } = await cropsAndGrids(context, options, callOptions);
  return boxes.map((box, index) => ({
    frame: { index, box },
    points: grids[box.layer]!.map(([x, y]): GridPoint => [x * (box.x1 - box.x0), y * (box.y1 - box.y0)]),
  }));
}

interface CropsAndGrids {
  readonly boxes: readonly CropBox[];
  /** One for each layer of boxes. */
  readonly grids: readonly (readonly GridPoint[])[];
}

async function cropsAndGrids(
  context: EverythingContext,
  options: ResolvedEverythingOptions,
  callOptions: CallOptions,
): Promise<CropsAndGrids> {
  const { image } = context;
  const { tiles } = options;
  if (!tiles) {
    const boxes = cropBoxes(image, options.cropNLayers, options.cropOverlapRatio);
    return { boxes, grids: layerGrids(options) };
  }
  // Only the embedding tells what the model takes; it is needed anyway unless the whole picture is left out.
  const modelSize = tiles.tileSize ?? (await context.embedding(callOptions)).fit.size;
  const pointsPerSide = options.pointsPerSide!;
  return {
    boxes: tileBoxes(image, tiles, modelSize),
    grids: [pointGrid(pointsPerSide), pointGrid(tiles.pointsPerSide ?? Math.ceil(pointsPerSide / 2))],
  };
}
