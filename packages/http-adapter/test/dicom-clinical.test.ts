import { createSegmentationApi, type SegmentationApi } from "@maskery/http-adapter";
import { createSegmenter, type Segmenter } from "@maskery/node";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import {
  encodeRunLength,
  type WrittenElement,
  writeDicom,
} from "../../node/src/dicom/dicom-writer.test-support.js";
import { createSharpCodec } from "../../node/src/image/sharp-codec.js";

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const width = 128;
const height = 96;
const centres = [
  [36, 48],
  [90, 40],
] as const;
const radius = 20;

const inDisc = (frame: number, x: number, y: number) =>
  Math.hypot(x - centres[frame]![0], y - centres[frame]![1]) <= radius;
/** Hounsfield units plus 1024: fat around, an organ inside. */
const stored = (frame: number) =>
  Array.from({ length: width * height }, (_, index) =>
    inDisc(frame, index % width, Math.floor(index / width)) ? 1124 : 924,
  );

const elements: readonly WrittenElement[] = [
  ["00080060", "CS", "CT"],
  ["00200037", "DS", "0\\1\\0\\0\\0\\-1"],
  ["00280002", "US", [1]],
  ["00280004", "CS", "MONOCHROME2"],
  ["00280008", "IS", "2"],
  ["00280010", "US", [height]],
  ["00280011", "US", [width]],
  ["00280100", "US", [16]],
  ["00280101", "US", [12]],
  ["00280102", "US", [11]],
  ["00280103", "US", [0]],
  ["00281050", "DS", "40"],
  ["00281051", "DS", "400"],
  ["00281052", "DS", "-1024"],
  ["00281053", "DS", "1"],
];
const file = writeDicom(elements, {
  syntax: "1.2.840.10008.1.2.5",
  fragments: centres.map((_, frame) => [
    encodeRunLength([
      Uint8Array.from(stored(frame), (value) => value >> 8),
      Uint8Array.from(stored(frame), (value) => value & 255),
    ]),
  ]),
});

let segmenter: Segmenter;
let api: SegmentationApi;
beforeAll(async () => {
  segmenter = await createSegmenter();
  api = createSegmentationApi({
    segmenter,
  });
});
afterAll(async () => {
  await api.close();
  await segmenter.dispose();
});

const overlap = (found: (x: number, y: number) => boolean, frame: number) => {
  let both = 0;
  let either = 0;
  for (let y = 0; y < height; y += 1)
    for (let x = 0; x < width; x += 1) {
      const [a, b] = [found(x, y), inDisc(frame, x, y)];
      both += Number(a && b);
      either += Number(a || b);
    }
  return both / either;
};

test("a click on a decoded slice finds the organ at the frame's own pixels", async () => {
  const slice = await segmenter.platform.codec.decode(file, { frame: 1 });
  const session = await segmenter.open(slice);
  try {
    const { best } = await session.segment({ points: [{ x: centres[1][0], y: centres[1][1] }] });
    const mask = await createSharpCodec().decode(await best.with({ output: segmenter.platform }).toPng());
    expect(best).toMatchObject({ width, height });
    expect(overlap((x, y) => mask.data[(y * width + x) * 4]! > 127, 1)).toBeGreaterThan(0.8);
  } finally {
    await session.dispose();
  }
});

test("POST /api/segmentation/sam2: each slice of a file by its index, with its orientation, remembered by slice", async () => {
  const post = (body: object) =>
    api.fetch(
      new Request("http://clinic.test/api/segmentation/sam2", {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({
          image_data: Buffer.from(file).toString("base64"),
          image_type: "L3",
          patient_id: "7",
          ...body,
        }),
      }),
    );
  for (const cached of [false, true])
    for (const frame of [0, 1]) {
      const answer = await post({ slice_index: frame });
      expect(answer.status).toBe(200);
      const result = (await answer.json()) as { mask_data: string };
      expect(result).toMatchObject({ cached, slice_index: frame, orientation: [0, 1, 0, 0, 0, -1] });
      const mask = await createSharpCodec().decode(Buffer.from(result.mask_data, "base64"));
      expect(mask).toMatchObject({ width, height });
      // The main object may be the organ or what surrounds it.
      const found = (x: number, y: number) => mask.data[(y * width + x) * 4]! > 127;
      const inside = overlap(found, frame);
      expect(
        Math.max(
          inside,
          overlap((x, y) => !found(x, y), frame),
        ),
      ).toBeGreaterThan(0.8);
    }
  const beyond = await post({ slice_index: 2 });
  expect(beyond.status).toBe(400);
  const broken = await post({ image_data: Buffer.from(file.subarray(0, 700)).toString("base64") });
  expect(broken.status).toBe(400);
});
