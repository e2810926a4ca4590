import type { ImageSize } from "../../image/rgba-image.js";
import type { PictureInput } from "./picture-input.js";

/** Where a picture lies in a model's input of `width` × `height`. */
export interface PictureFrame extends ImageSize {
  /** Corner of the picture in the input. */
  readonly left: number;
  readonly top: number;
  readonly resizedWidth: number;
  readonly resizedHeight: number;
  /** Input pixels per image pixel. Rounded sizes make the two differ slightly. */
  readonly scaleX: number;
  readonly scaleY: number;
}

/** Longest side where a description sets no bound: a picture of one row must not become a million columns. */
const LONGEST_SIDE = 4096;

/** Applies the size rules of a description to one picture. */
export function frameFor(image: ImageSize, input: PictureInput): PictureFrame {
  const { resize } = input;
  switch (resize.rule) {
    case "stretch":
      return padded(image, resize.width, resize.height, input);
    case "letterbox":
      return letterbox(image, resize);
    case "shorter":
      return padded(image, ...shorterSideTo(image, resize.side, resize.longest ?? LONGEST_SIDE), input);
    case "own": {
      const scale = Math.min(1, (resize.longest ?? LONGEST_SIDE) / Math.max(image.width, image.height));
      const shrunk = (side: number) => Math.max(1, Math.round(side * scale));
      return padded(image, shrunk(image.width), shrunk(image.height), input);
    }
  }
}

/**
 * Lengths are truncated, as in torchvision, in DETR and in Mask R-CNN of the ONNX model zoo. Source of the bound on the longer
 * side: huggingface/transformers, image_transforms.py.
 */
function shorterSideTo({ width, height }: ImageSize, side: number, longest: number): [number, number] {
  const [shorter, longer] = [Math.min(width, height), Math.max(width, height)];
  const isBounded = (longer / shorter) * side > longest;
  const exact = isBounded ? (longest * shorter) / longer : side;
  const newShorter = Math.max(1, isBounded ? Math.round(exact) : side);
  const newLonger = Math.max(1, Math.trunc((exact * longer) / shorter + 1e-9));
  return width <= height ? [newShorter, newLonger] : [newLonger, newShorter];
}

function padded(image: ImageSize, width: number, height: number, { multiple }: PictureInput): PictureFrame {
  const raise = (side: number) => (multiple ? Math.ceil(side / multiple.of) * multiple.of : side);
  const stretches = multiple?.by === "stretching";
  const resizedWidth = stretches ? raise(width) : width;
  const resizedHeight = stretches ? raise(height) : height;
  return place(image, resizedWidth, resizedHeight, {
    width: raise(width),
    height: raise(height),
    left: 0,
    top: 0,
  });
}

/** Ultralytics' rule: the odd pixel of padding goes to the right and to the bottom. */
function letterbox(image: ImageSize, { width, height }: ImageSize): PictureFrame {
  const ratio = Math.min(width / image.width, height / image.height);
  const resizedWidth = Math.max(1, Math.round(image.width * ratio));
  const resizedHeight = Math.max(1, Math.round(image.height * ratio));
  return place(image, resizedWidth, resizedHeight, {
    width,
    height,
    left: Math.max(0, Math.round((width - resizedWidth) / 2 - 0.1)),
    top: Math.max(0, Math.round((height - resizedHeight) / 2 - 0.1)),
  });
}

function place(
  image: ImageSize,
  resizedWidth: number,
  resizedHeight: number,
  frame: Pick<PictureFrame, "width" | "height" | "left" | "top">,
): PictureFrame {
  return {
    ...frame,
    resizedWidth,
    resizedHeight,
    scaleX: resizedWidth / image.width,
    scaleY: resizedHeight / image.height,
  };
}
