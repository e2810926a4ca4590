import { fitToFrame } from "../../../image/frame-fit.js";
import type { ImageSize, RgbaImage } from "../../../image/rgba-image.js";
import type { LogitsPlane } from "../../../mask/logits-plane.js";
import { Mask } from "../../../mask/mask.js";
import type { Embedding } from "../../embedding.js";
import type { Decoder } from "../../placement.js";
import type { EverythingContext } from "../everything-context.js";

/** A shape of one colour; `holds` says which pixels it covers. */
export interface DrawnObject {
  readonly name: string;
  readonly holds: (x: number, y: number) => boolean;
}

export const disc = (name: string, x: number, y: number, radius: number): DrawnObject => ({
  name,
  holds: (column, row) => Math.hypot(column - x, row - y) <= radius,
});

export const block = (name: string, x: number, y: number, width: number, height: number): DrawnObject => ({
  name,
  holds: (column, row) => column >= x && column < x + width && row >= y && row < y + height,
});

/** A picture of flat objects on a flat ground; later objects cover earlier ones. */
export function drawScene(image: ImageSize, objects: readonly DrawnObject[]) {
  const { width, height } = image;
  const labels = new Uint8Array(width * height);
  const data = new Uint8Array(width * height * 4);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const pixel = y * width + x;
      objects.forEach((object, index) => {
        if (object.holds(x, y)) labels[pixel] = index + 1;
      });
      data.set([labels[pixel]! * 20, 90, 255 - labels[pixel]! * 20, 255], pixel * 4);
    }
  }
  const masks = objects.map((_, index) =>
    Mask.fromBitmap(
      labels.map((label) => (label === index + 1 ? 1 : 0)),
      width,
      height,
    ),
  );
  return { picture: { width, height, data } satisfies RgbaImage, masks };
}

const PLANE_SIDE = 64;

/**
 * A model that looks at pixels and nothing else: the answer to a point is the connected piece of the point's colour, as a plane
 * of 64 × 64 samples of what it was shown. It knows nothing of tiles. Ground (label 0) is answered with a poor score.
 */
export function colourContext(picture: RgbaImage, modelSize: number) {
  const calls = { encodes: 0, decodes: 0 };
  const encode = async (image: RgbaImage): Promise<Embedding> => {
    calls.encodes++;
    const colours = Float32Array.from(
      { length: image.width * image.height },
      (_, pixel) => image.data[pixel * 4]!,
    );
    return {
      modelFingerprint: "colours",
      imageSize: { width: image.width, height: image.height },
      fit: fitToFrame(image, modelSize, "letterbox"),
      tensors: { colours: { type: "float32", dims: [image.height, image.width], data: colours } },
    };
  };
  /** Pieces that were asked for before, by embedding: many points lie on one object. */
  const known = new WeakMap<object, { readonly inside: Uint8Array; readonly plane: LogitsPlane }[]>();
  const decoder: Decoder = {
    contractVersion: 1,
    modelFingerprint: "colours",
    device: "none",
    abilities: { points: true, negativePoints: false, boxes: false, maskInput: false, batchObjects: true },
    async decode({ imageSize, fit, tensors }, prompts) {
      calls.decodes++;
      const colours = tensors["colours"]!.data as Float32Array;
      const pieces = known.get(tensors) ?? [];
      known.set(tensors, pieces);
      return prompts.map(({ points }) => {
        const { x, y } = points[0]!;
        const pixel = Math.min(imageSize.height - 1, Math.floor(y)) * imageSize.width + Math.floor(x);
        let piece = pieces.find(({ inside }) => inside[pixel]);
        if (!piece) {
          const inside = floodFill(colours, imageSize, pixel);
          piece = { inside, plane: planeOf(inside, imageSize, fit) };
          pieces.push(piece);
        }
        const isGround = colours[pixel] === 0;
        return { planes: [piece.plane], scores: [isGround ? 0.1 : 0.95] };
      });
    },
    dispose: async () => undefined,
  };
  let whole: Promise<Embedding> | undefined;
  const context: EverythingContext = {
    image: { width: picture.width, height: picture.height },
    pixels: async () => picture,
    embedding: () => {
      whole ??= encode(picture);
      return whole;
    },
    encode,
    decoder,
    output: { codec: undefined as never },
    now: () => performance.now(),
  };
  return { context, calls };
}

function floodFill(colours: Float32Array, { width, height }: ImageSize, start: number): Uint8Array {
  const inside = new Uint8Array(width * height);
  const open = [start];
  inside[start] = 1;
  while (open.length > 0) {
    const pixel = open.pop()!;
    const x = pixel % width;
    const visit = (next: number) => {
      if (next < 0 || next >= inside.length || inside[next] || colours[next] !== colours[start]) return;
      inside[next] = 1;
      open.push(next);
    };
    if (x > 0) visit(pixel - 1);
    if (x + 1 < width) visit(pixel + 1);
    visit(pixel - width);
    visit(pixel + width);
  }
  return inside;
}

/** Each sample is the share of its pixels that lie inside, as logits from -8 to 8. */
function planeOf(inside: Uint8Array, { width, height }: ImageSize, fit: Embedding["fit"]): LogitsPlane {
  const scaleX = (fit.scaleX * PLANE_SIDE) / fit.size;
  const scaleY = (fit.scaleY * PLANE_SIDE) / fit.size;
  const data = new Float32Array(PLANE_SIDE * PLANE_SIDE).fill(-8);
  for (let row = 0; row < PLANE_SIDE; row++) {
    for (let column = 0; column < PLANE_SIDE; column++) {
      const [left, right] = [column / scaleX, (column + 1) / scaleX].map(Math.round) as [number, number];
      const [top, bottom] = [row / scaleY, (row + 1) / scaleY].map(Math.round) as [number, number];
      let held = 0;
      let pixels = 0;
      for (let y = top; y < Math.min(height, bottom); y++) {
        for (let x = left; x < Math.min(width, right); x++) {
          held += inside[y * width + x]!;
          pixels++;
        }
      }
      if (pixels > 0) data[row * PLANE_SIDE + column] = (held / pixels - 0.5) * 16;
    }
  }
  return { data, width: PLANE_SIDE, height: PLANE_SIDE, scaleX, scaleY };
}
