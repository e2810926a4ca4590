import { describe, expect, test } from "vitest";
import { findLabels } from "./find-labels.js";
import { labelForPeople } from "./label-set.js";
import { labelSetNames } from "./label-set-names.js";

describe("label sets", () => {
  test.each([
    ["voc", 21, 0],
    ["coco", 80, undefined],
    ["coco-background", 81, 0],
    ["coco-ids", 80, 0],
    ["coco-panoptic", 133, undefined],
    ["coco-panoptic-ids", 133, undefined],
    ["ade20k", 150, undefined],
    ["cityscapes", 19, undefined],
  ] as const)("%s has %i names", (name, count, background) => {
    const labels = findLabels(name);
    expect(labels.names.filter((known) => known !== undefined)).toHaveLength(count);
    expect(labels.background).toBe(background);
  });

  test.each([
    // Numbers that the data sets' own files state.
    ["voc", 15, "person"],
    ["voc", 20, "tvmonitor"],
    ["coco", 0, "person"],
    ["coco", 79, "toothbrush"],
    ["coco-background", 1, "person"],
    ["coco-background", 80, "toothbrush"],
    ["coco-ids", 13, "stop sign"],
    ["coco-ids", 27, "backpack"],
    ["coco-ids", 84, "book"],
    ["coco-ids", 90, "toothbrush"],
    ["coco-panoptic", 80, "banner"],
    ["coco-panoptic", 119, "sky-other-merged"],
    ["coco-panoptic", 132, "rug-merged"],
    ["coco-panoptic-ids", 67, "dining table"],
    ["coco-panoptic-ids", 92, "banner"],
    ["coco-panoptic-ids", 187, "sky-other-merged"],
    ["coco-panoptic-ids", 200, "rug-merged"],
    ["ade20k", 12, "person"],
    ["ade20k", 149, "flag"],
    ["cityscapes", 13, "car"],
  ] as const)("%s: %i is %s", (name, index, expected) => {
    expect(findLabels(name).names[index]).toBe(expected);
  });

  test("no name stands twice in a set", () => {
    for (const name of labelSetNames) {
      const known = findLabels(name).names.filter((label) => label !== undefined);
      expect(new Set(known).size, name).toBe(known.length);
      for (const label of known) expect(label).toMatch(/^[a-z][a-z -]*$/);
    }
  });

  test("names for people", () => {
    expect(
      ["diningtable", "sky-other-merged", "wall-brick", "traffic light", "door-stuff"].map(labelForPeople),
    ).toEqual(["Dining table", "Sky", "Wall (brick)", "Traffic light", "Door"]);
  });
});
