import { type DrawnPicture, drawScene } from "@maskery/core/testing";
import { disc, rectangle } from "../../packages/core/src/testing/layout-graphs/drawn-pictures.js";

export interface DrawnScene {
  readonly picture: DrawnPicture;
  readonly onRed: { readonly x: number; readonly y: number };
  readonly onGreen: { readonly x: number; readonly y: number };
  /** Corners around each shape, with some ground. */
  readonly aroundRed: Corners;
  readonly aroundGreen: Corners;
}

type Corners = { readonly x0: number; readonly y0: number; readonly x1: number; readonly y1: number };

/** A red disc and a green block. */
export function discAndBlock(width: number, height: number): DrawnScene {
  const picture = drawScene(width, height, {
    red: [disc(0.3, 0.4, 0.2)],
    green: [rectangle(0.6, 0.5, 0.9, 0.9)],
  });
  const corners = (x0: number, y0: number, x1: number, y1: number): Corners => ({
    x0: x0 * width,
    y0: y0 * height,
    x1: x1 * width,
    y1: y1 * height,
  });
  return {
    picture,
    onRed: picture.at(0.3, 0.35),
    onGreen: picture.at(0.8, 0.7),
    aroundRed: corners(0.05, 0.15, 0.55, 0.65),
    aroundGreen: corners(0.52, 0.44, 0.96, 0.97),
  };
}

export const pair = ({ x, y }: { readonly x: number; readonly y: number }): [number, number] => [x, y];

export const corners = ({ x0, y0, x1, y1 }: Corners): [number, number, number, number] => [x0, y0, x1, y1];
