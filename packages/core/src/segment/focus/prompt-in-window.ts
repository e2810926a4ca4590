import type { Mask } from "../../mask/mask.js";
import type { PixelWindow } from "../../mask/window.js";
import type { Box, Point, Prompt } from "../../prompt/prompt.js";

/**
 * The same prompt as the crop sees it. Points beyond the crop are left out (those of label 1 must not be there), and a box is
 * cut at the crop's sides.
 */
export function promptInWindow({ points, box, mask }: Prompt, window: PixelWindow): Prompt {
  return {
    points: points.flatMap((point) => pointInWindow(point, window)),
    ...(box && { box: boxInWindow(box, window) }),
    ...(mask && { mask: maskInWindow(mask, window) }),
  };
}

function pointInWindow({ x, y, label }: Point, window: PixelWindow): Point[] {
  const point = { x: x - window.x, y: y - window.y, label };
  const lies = point.x >= 0 && point.y >= 0 && point.x < window.width && point.y < window.height;
  return lies ? [point] : [];
}

function boxInWindow({ x0, y0, x1, y1 }: Box, window: PixelWindow): Box {
  const along = (place: number, start: number, length: number) =>
    Math.min(length, Math.max(0, place - start));
  return {
    x0: along(x0, window.x, window.width),
    y0: along(y0, window.y, window.height),
    x1: along(x1, window.x, window.width),
    y1: along(y1, window.y, window.height),
  };
}

/** Logits stay with a mask that comes from this very crop: then they go back to the model as they are. */
function maskInWindow(mask: Mask, window: PixelWindow): Mask {
  const { logits } = mask;
  const crop = mask.crop(window);
  if (!logits?.window || !sameWindow(logits.window, window)) return crop;
  return crop.with({ logits: { ...logits, window: undefined } });
}

export function sameWindow(first: PixelWindow, second: PixelWindow): boolean {
  return (
    first.x === second.x &&
    first.y === second.y &&
    first.width === second.width &&
    first.height === second.height
  );
}
