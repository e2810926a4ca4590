import { type CallOptions, Mask, type RgbaImage } from "@maskery/core";
import { createSegmenter } from "../create-segmenter.js";

export interface SelfTestReport {
  readonly ok: boolean;
  /** Overlap of the mask found with the shape drawn, 0 to 1. */
  readonly iou?: number;
  readonly device?: string;
  readonly loadMs?: number;
  /** The first picture, and the same work again on another one. */
  readonly firstMs?: number;
  readonly nextMs?: number;
  /** What went wrong. */
  readonly problem?: string;
}

const WIDTH = 320;
const HEIGHT = 240;
const CENTRE = { x: 130, y: 110 };
const RADIUS = 62;
const LEAST_IOU = 0.7;

/** Draws a red disc on a bluish ground, makes a PNG of it, clicks into its middle and compares. */
export async function testBuiltInModel({ signal }: CallOptions): Promise<SelfTestReport> {
  try {
    const startedAt = performance.now();
    const segmenter = await createSegmenter({ signal });
    try {
      const loadMs = performance.now() - startedAt;
      const { codec } = segmenter.platform;
      const timeClick = async (shade: number) => {
        const picture = await codec.encode(drawDisc(shade), { format: "png", signal });
        const clickedAt = performance.now();
        const { best } = await segmenter.segment(picture, [CENTRE], { signal });
        return { best, ms: performance.now() - clickedAt };
      };
      const first = await timeClick(0);
      const next = await timeClick(20);
      const overlap = Math.min(first.best.iou(disc()), next.best.iou(disc()));
      return {
        ok: overlap >= LEAST_IOU,
        iou: overlap,
        device: segmenter.device,
        loadMs,
        firstMs: first.ms,
        nextMs: next.ms,
        ...(overlap < LEAST_IOU && {
          problem: `the mask overlaps the drawn disc by ${overlap.toFixed(2)} only`,
        }),
      };
    } finally {
      await segmenter.dispose();
    }
  } catch (error) {
    if (signal?.aborted) throw error;
    return { ok: false, problem: error instanceof Error ? error.message : String(error) };
  }
}

function isInside(x: number, y: number): boolean {
  return (x - CENTRE.x) ** 2 + (y - CENTRE.y) ** 2 <= RADIUS ** 2;
}

function disc(): Mask {
  const gray = new Uint8Array(WIDTH * HEIGHT).map((_, index) =>
    isInside(index % WIDTH, Math.floor(index / WIDTH)) ? 255 : 0,
  );
  return Mask.fromBitmap(gray, WIDTH, HEIGHT);
}

function drawDisc(shade: number): RgbaImage {
  const data = new Uint8ClampedArray(WIDTH * HEIGHT * 4);
  for (let y = 0; y < HEIGHT; y++) {
    for (let x = 0; x < WIDTH; x++) {
      const color = isInside(x, y) ? [200 - shade, 40 + shade, 35, 255] : [70 + shade, 110, 150 - shade, 255];
      data.set(color, (y * WIDTH + x) * 4);
    }
  }
  return { width: WIDTH, height: HEIGHT, data };
}
