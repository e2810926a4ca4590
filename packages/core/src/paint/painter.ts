import { checkRgbaImage, type RgbaImage } from "../image/rgba-image.js";
import { paint } from "./paint.js";
import { type PaintLayer, planLayer } from "./paint-layer.js";

/**
 * A picture and the layers to paint on it, one added after the other. Immutable: `add` gives a new painter, so an earlier
 * state stays at hand for "undo".
 */
export class Painter {
  readonly image: RgbaImage;
  readonly layers: readonly PaintLayer[];

  /** @throws MaskeryError as `paint`. */
  constructor(image: RgbaImage, layers: readonly PaintLayer[] = []) {
    this.image = checkRgbaImage(image);
    layers.forEach((layer, index) => planLayer(layer, image, `layers[${index}]`));
    this.layers = [...layers];
  }

  /** @throws MaskeryError `INVALID_INPUT` naming the member at fault; this painter stays as it was. */
  add(...layers: readonly PaintLayer[]): Painter {
    return new Painter(this.image, [...this.layers, ...layers]);
  }

  /** The picture with all layers on it; `image` is not changed. */
  render(): RgbaImage {
    return paint(this.image, this.layers);
  }
}
