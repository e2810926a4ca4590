import { describe, expect, it } from "vitest";
import { runEverything } from "../everything.js";
import type { FoundMask } from "../found-mask.js";
import type { EverythingOptions, EverythingProgress } from "../options.js";
import { block, colourContext, type DrawnObject, disc, drawScene } from "./drawn-scene.test-support.js";
import { tileBoxes } from "./tile-boxes.js";

const image = { width: 420, height: 300 };
/** Six tiles of 176: columns begin at 0, 122 and 244, rows at 0 and 124. */
const tiles = { tileSize: 176, overlap: 0.2, pointsPerSide: 12 };
const options: EverythingOptions = {
  pointsPerSide: 12,
  predIouThresh: 0.5,
  stabilityScoreThresh: 0.3,
  tiles,
};

const objects: readonly DrawnObject[] = [
  disc("in one tile", 60, 50, 30),
  block("over two tiles, side by side", 225, 20, 120, 34),
  block("over two tiles, one above the other", 320, 80, 40, 130),
  disc("over four tiles", 149, 150, 50),
  disc("small, in what four tiles share", 271, 150, 9),
  block("from side to side", 0, 286, 420, 14),
  block("in a corner of the picture", 390, 0, 30, 30),
];
const { picture, masks: drawn } = drawScene(image, objects);

async function find(changes: EverythingOptions = {}) {
  const { context, calls } = colourContext(picture, 160);
  const run = runEverything(context, { ...options, ...changes });
  return { run, calls, found: await run.toArray() };
}

function expectTheDrawn(found: readonly FoundMask[]) {
  const names = found.map(({ mask }) => {
    const ious = drawn.map((truth) => mask.iou(truth));
    const best = ious.indexOf(Math.max(...ious));
    expect(ious[best], `${objects[best]!.name}: ${JSON.stringify(mask.bbox)}`).toBeGreaterThan(0.9);
    return objects[best]!.name;
  });
  expect(names.sort()).toEqual(objects.map(({ name }) => name).sort());
}

describe("automatic masks in tiles", () => {
  it.each([true, false])(
    "find each object once and whole, with the whole picture's own masks: %s",
    async (wholePicture) => {
      const { found, calls } = await find({ tiles: { ...tiles, wholePicture } });
      expectTheDrawn(found);
      expect(calls.encodes).toBe(wholePicture ? 7 : 6);
    },
  );

  it("put together what crops of SAM drop", async () => {
    const { found } = await find({ tiles: { ...tiles, wholePicture: false } });
    const large = found.find(({ mask }) => mask.iou(drawn[3]!) > 0.9)!;
    // The box around the tiles that hold a piece of it.
    expect(large.cropBox.width).toBeGreaterThan(176);
    expect(large.cropBox.height).toBeGreaterThan(176);
    const [[x, y]] = large.pointCoords;
    expect(large.mask.contains(x, y)).toBe(true);
  });

  it("keep the pieces of an object that forks beyond the border in one mask", async () => {
    const fork = (x: number, y: number) =>
      (y >= 100 && y < 170 && x >= 40 && x < 120) ||
      (y >= 30 && y < 100 && ((x >= 40 && x < 60) || (x >= 100 && x < 120)));
    const forked = drawScene({ width: 160, height: 230 }, [{ name: "fork", holds: fork }]);
    const { context } = colourContext(forked.picture, 128);
    // The tile at the top ends at row 95 and shows the two tines only.
    const found = await runEverything(context, {
      ...options,
      tiles: { tileSize: 96, overlap: 0.3, pointsPerSide: 16, wholePicture: false },
    }).toArray();
    expect(found).toHaveLength(1);
    expect(found[0]!.mask.iou(forked.masks[0]!)).toBeGreaterThan(0.9);
  });

  it("leave a thing on a larger thing apart from it, when both go over the border", async () => {
    const scene = drawScene({ width: 280, height: 140 }, [
      block("plate", 20, 10, 240, 120),
      disc("cherry", 140, 70, 24),
    ]);
    const { context } = colourContext(scene.picture, 128);
    const found = await runEverything(context, {
      ...options,
      tiles: { tileSize: 160, overlap: 0.2, pointsPerSide: 12, wholePicture: false },
    }).toArray();
    const ious = scene.masks.map((truth) => Math.max(...found.map(({ mask }) => mask.iou(truth))));
    expect(Math.min(...ious)).toBeGreaterThan(0.9);
    expect(found).toHaveLength(2);
  });

  it("stream masks while tiles come in; what is shown at the end is the result", async () => {
    const { context } = colourContext(picture, 160);
    const reports: EverythingProgress[] = [];
    const run = runEverything(context, {
      ...options,
      pointsPerBatch: 8,
      tiles: { ...tiles, wholePicture: false },
      onProgress: (report) => reports.push(report),
    });
    const shown = new Map<number, FoundMask>();
    let replaced = 0;
    for await (const mask of run) {
      for (const id of mask.replaces ?? []) {
        expect(shown.delete(id)).toBe(true);
        replaced++;
      }
      shown.set(mask.id, mask);
    }
    expect(new Set(shown.values())).toEqual(new Set(await run.toArray()));
    expect(replaced).toBeGreaterThan(0);
    expect(reports.at(-1)).toMatchObject({ fraction: 1, crop: 6, crops: 6, pointsDone: 6 * 144 });
  });

  it("filter again without running the model, as a run with the same thresholds", async () => {
    const { run, found, calls } = await find();
    const candidates = await run.candidates();
    const decodes = calls.decodes;
    expect(candidates.filter()).toEqual(found);
    const larger = candidates.filter({ minArea: 2000 });
    expect(larger.length).toBeLessThan(found.length);
    expect(larger.every((mask) => found.includes(mask))).toBe(true);
    expectTheDrawn(candidates.filter({ stabilityScoreThresh: 0.35, maskThreshold: 0.4 }));
    expect(candidates.filter()).toEqual(found);
    expect(calls.decodes).toBe(decodes);
  });

  it("stop within one batch on abort", async () => {
    const { context, calls } = colourContext(picture, 160);
    const controller = new AbortController();
    const run = runEverything(context, {
      ...options,
      pointsPerBatch: 8,
      signal: controller.signal,
      onProgress: ({ crop }) => {
        if (crop === 3) controller.abort();
      },
    });
    await expect(run.toArray()).rejects.toMatchObject({ code: "ABORTED" });
    const { decodes, encodes } = calls;
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect(calls).toEqual({ decodes, encodes });
    expect(encodes).toBeLessThanOrEqual(4);
  });

  it.each([
    [{ cropNLayers: 1 }, "tiles"],
    [{ pointsPerSide: undefined, pointGrids: [[[0.5, 0.5]]] }, "tiles"],
    [{ tiles: { tileSize: 10 } }, "tiles.tileSize"],
    [{ tiles: { overlap: 0.7 } }, "tiles.overlap"],
    [{ tiles: { size: 100 } }, "tiles.size"],
    [{ tiles: "many" }, "tiles"],
  ] as [EverythingOptions, string][])("refuse %j", async (changes, field) => {
    const { context } = colourContext(picture, 160);
    expect(() => runEverything(context, { ...options, ...changes })).toThrow(
      expect.objectContaining({ code: "INVALID_INPUT", field }),
    );
  });
});

describe("tileBoxes", () => {
  const auto = {
    tileSize: undefined,
    overlap: 0.25,
    pointsPerSide: undefined,
    wholePicture: true,
    mergeThresh: 0.5,
  };

  it("cover the picture evenly and overlap at least as asked", () => {
    for (const size of [64, 100, 333]) {
      const boxes = tileBoxes(
        { width: 1000, height: 701 },
        { ...auto, tileSize: size, wholePicture: false },
        1,
      );
      const columns = [...new Set(boxes.map(({ x0 }) => x0))];
      const rows = [...new Set(boxes.map(({ y0 }) => y0))];
      expect(boxes).toHaveLength(columns.length * rows.length);
      expect([columns[0], rows[0]]).toEqual([0, 0]);
      expect([columns.at(-1)! + size, rows.at(-1)! + size]).toEqual([1000, 701]);
      for (const starts of [columns, rows])
        starts.slice(1).forEach((start, index) => {
          expect(starts[index]! + size - start).toBeGreaterThanOrEqual(Math.floor(size * 0.25));
        });
    }
  });

  it("take the model's size where that makes few tiles, and larger ones in very large pictures", () => {
    const width = (side: number, modelSize: number) => {
      const tile = tileBoxes({ width: side, height: side }, auto, modelSize)[1]!;
      return tile.x1 - tile.x0;
    };
    expect(width(3000, 1024)).toBe(1024);
    expect(width(3000, 256)).toBeGreaterThan(500);
    expect(tileBoxes({ width: 900, height: 800 }, auto, 1024)).toHaveLength(1);
    expect(() => tileBoxes({ width: 9000, height: 9000 }, { ...auto, tileSize: 64 }, 1024)).toThrow(
      expect.objectContaining({ field: "tiles.tileSize" }),
    );
  });
});
