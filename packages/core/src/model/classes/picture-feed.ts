import type { NamedTensors, TensorInfo } from "../../backend/tensor.js";
import type { CallOptions } from "../../cancellation.js";
import { MaskeryError } from "../../errors.js";
import type { RgbaImage } from "../../image/rgba-image.js";
import { describeTensors, type GraphTensors } from "./class-form.js";
import type { PictureFrame } from "./picture-frame.js";
import type { PictureInput } from "./picture-input.js";
import { pictureTensor } from "./picture-tensor.js";

/** The input of a graph that takes the picture: float, three channels, `[1, 3, h, w]` or `[3, h, w]`. */
export interface PictureFeed {
  readonly name: string;
  readonly hasBatch: boolean;
}

/**
 * Finds the picture's input and compares what the graph fixes with the description.
 * @throws MaskeryError `MODEL_CORRUPT` naming what was found.
 */
export function findPictureFeed(
  model: { readonly id: string; readonly image: PictureInput },
  graph: GraphTensors,
): PictureFeed {
  const input = graph.inputs.find(isPicture);
  if (!input)
    throw new MaskeryError(
      "MODEL_CORRUPT",
      `${model.id}: expected a float32 input [1, 3, height, width] or [3, height, width], received ${describeTensors(graph)}`,
    );
  checkFixedSides(model, input);
  return { name: input.name, hasBatch: input.dims.length === 4 };
}

function isPicture({ type, dims }: TensorInfo): boolean {
  if (type !== "float32" || (dims.length !== 4 && dims.length !== 3)) return false;
  const channels = dims.at(-3);
  return channels === 3 || channels === null;
}

function checkFixedSides(
  { id, image }: { readonly id: string; readonly image: PictureInput },
  { name, dims }: TensorInfo,
): void {
  const [height, width] = dims.slice(-2);
  if (height === null && width === null) return;
  const { resize } = image;
  const isFixed = resize.rule === "stretch" || resize.rule === "letterbox";
  const fits =
    isFixed && (height === null || height === resize.height) && (width === null || width === resize.width);
  if (fits) return;
  const stated = isFixed
    ? `${resize.width} × ${resize.height}`
    : `a size that depends on the picture ("${resize.rule}")`;
  throw new MaskeryError(
    "MODEL_CORRUPT",
    `${id}: image.resize is ${stated}, but the graph's input ${name} is [${dims.map((dim) => dim ?? "?").join(", ")}]`,
  );
}

/** DETR's second input where its length is open: transformers.js fills ones of this size. */
const OPEN_MASK_SIDE = 64;

/**
 * The picture, and ones for `pixel_mask` where the graph wants it.
 * @throws MaskeryError `ABORTED`, `TIMEOUT`.
 */
export async function pictureFeeds(
  feed: PictureFeed,
  image: RgbaImage,
  frame: PictureFrame,
  input: PictureInput,
  graph: GraphTensors,
  options: CallOptions,
): Promise<NamedTensors> {
  const picture = await pictureTensor(image, frame, input, feed.hasBatch, options);
  const mask = graph.inputs.find(({ name }) => name === "pixel_mask");
  if (!mask) return { [feed.name]: picture };
  const dims = mask.dims.map((dim, axis) => dim ?? (axis === 0 ? 1 : OPEN_MASK_SIDE));
  const length = dims.reduce((product, dim) => product * dim, 1);
  return {
    [feed.name]: picture,
    [mask.name]:
      mask.type === "int64"
        ? { type: "int64", dims, data: new BigInt64Array(length).fill(1n) }
        : { type: "float32", dims, data: new Float32Array(length).fill(1) },
  };
}
