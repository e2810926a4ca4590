import { type LabelSet, namesFrom } from "./label-set.js";

/** The 80 things of COCO in the order of their ids. */
const things = namesFrom(
  "person, bicycle, car, motorcycle, airplane, bus, train, truck, boat, traffic light, fire hydrant, stop sign, " +
    "parking meter, bench, bird, cat, dog, horse, sheep, cow, elephant, bear, zebra, giraffe, backpack, umbrella, handbag, " +
    "tie, suitcase, frisbee, skis, snowboard, sports ball, kite, baseball bat, baseball glove, skateboard, surfboard, " +
    "tennis racket, bottle, wine glass, cup, fork, knife, spoon, bowl, banana, apple, sandwich, orange, broccoli, carrot, " +
    "hot dog, pizza, donut, cake, chair, couch, potted plant, bed, dining table, toilet, tv, laptop, mouse, remote, " +
    "keyboard, cell phone, microwave, oven, toaster, sink, refrigerator, book, clock, vase, scissors, teddy bear, " +
    "hair drier, toothbrush",
);

/** Ids below 91 that COCO does not use for things. */
const unusedThingIds: ReadonlySet<number> = new Set([0, 12, 26, 29, 30, 45, 66, 68, 69, 71, 83]);
const LAST_THING_ID = 90;

/** The stuff of COCO panoptic with its ids (cocodataset/panopticapi: panoptic_coco_categories.json). */
const stuff = namesFrom(
  "92 banner, 93 blanket, 95 bridge, 100 cardboard, 107 counter, 109 curtain, 112 door-stuff, 118 floor-wood, 119 flower, " +
    "122 fruit, 125 gravel, 128 house, 130 light, 133 mirror-stuff, 138 net, 141 pillow, 144 platform, 145 playingfield, " +
    "147 railroad, 148 river, 149 road, 151 roof, 154 sand, 155 sea, 156 shelf, 159 snow, 161 stairs, 166 tent, 168 towel, " +
    "171 wall-brick, 175 wall-stone, 176 wall-tile, 177 wall-wood, 178 water-other, 180 window-blind, 181 window-other, " +
    "184 tree-merged, 185 fence-merged, 186 ceiling-merged, 187 sky-other-merged, 188 cabinet-merged, 189 table-merged, " +
    "190 floor-other-merged, 191 pavement-merged, 192 mountain-merged, 193 grass-merged, 194 dirt-merged, 195 paper-merged, " +
    "196 food-other-merged, 197 building-other-merged, 198 rock-merged, 199 wall-other-merged, 200 rug-merged",
).map((entry) => {
  const space = entry.indexOf(" ");
  return { id: Number(entry.slice(0, space)), name: entry.slice(space + 1) };
});

function namesById(withStuff: boolean): (string | undefined)[] {
  const names: (string | undefined)[] = [];
  let next = 0;
  for (let id = 0; id <= LAST_THING_ID; id++) names.push(unusedThingIds.has(id) ? undefined : things[next++]);
  if (!withStuff) return names;
  for (const { id, name } of stuff) {
    while (names.length < id) names.push(undefined);
    names.push(name);
  }
  return names;
}

/** 80 classes numbered from 0, as YOLO has them. */
export const cocoLabels: LabelSet = { names: things };

/** Background, then the 80 classes from 1: Mask R-CNN of the ONNX model zoo. */
export const cocoWithBackgroundLabels: LabelSet = { background: 0, names: ["background", ...things] };

/** 80 classes by COCO's own ids up to 90, with gaps: torchvision's detectors. */
export const cocoIdLabels: LabelSet = { background: 0, names: namesById(false) };

/** 80 things and 53 kinds of stuff numbered from 0: MaskFormer. */
export const cocoPanopticLabels: LabelSet = { names: [...things, ...stuff.map(({ name }) => name)] };

/** The same 133 by COCO's own ids up to 200, with gaps: DETR panoptic. */
export const cocoPanopticIdLabels: LabelSet = { names: namesById(true) };
