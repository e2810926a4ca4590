import { defaultImageLimits, type ImageLimits } from "../backend/image-codec.js";
import type { Platform } from "../backend/platform.js";
import type { CallOptions } from "../cancellation.js";
import { MaskeryError } from "../errors.js";
import { hashImage } from "../image/content-hash.js";
import { type ImageSource, type LoadedImage, loadImageSource } from "../image/image-source.js";
import type { ImageSize, RgbaImage } from "../image/rgba-image.js";

/** A picture that was read and hashed; its size and its pixels are found out when they are needed. */
export class OpenedImage {
  /** Hash of the picture's content. */
  readonly hash: string;
  readonly #loaded: LoadedImage;
  readonly #platform: Platform;
  readonly #limits: Required<ImageLimits>;

  private constructor(loaded: LoadedImage, hash: string, platform: Platform, limits: Required<ImageLimits>) {
    this.#loaded = loaded;
    this.hash = hash;
    this.#platform = platform;
    this.#limits = limits;
  }

  /** @throws MaskeryError what `loadImageSource` throws. */
  static async open(
    source: ImageSource,
    platform: Platform,
    limits: ImageLimits,
    options: CallOptions,
  ): Promise<OpenedImage> {
    const allLimits = { ...defaultImageLimits, ...limits };
    const loaded = await loadImageSource(source, platform, {
      signal: options.signal,
      maxBytes: allLimits.maxBytes,
    });
    return new OpenedImage(loaded, await hashImage(loaded, platform), platform, allLimits);
  }

  /** Width and height as displayed, from the header alone. */
  async size(options: CallOptions): Promise<ImageSize> {
    // Two numbers and no more: what gets a size must not hold on to the pixels.
    const { width, height } =
      this.#loaded.kind === "pixels"
        ? this.#checkPixels(this.#loaded.image)
        : await this.#platform.codec.probe(this.#loaded.bytes, this.#decodeOptions(options));
    return { width, height };
  }

  async pixels(options: CallOptions): Promise<RgbaImage> {
    if (this.#loaded.kind === "pixels") return this.#checkPixels(this.#loaded.image);
    return this.#platform.codec.decode(this.#loaded.bytes, this.#decodeOptions(options));
  }

  #decodeOptions(options: CallOptions) {
    return { signal: options.signal, limits: this.#limits };
  }

  #checkPixels(image: RgbaImage): RgbaImage {
    const pixels = image.width * image.height;
    if (pixels <= this.#limits.maxPixels) return image;
    throw new MaskeryError(
      "IMAGE_TOO_LARGE",
      `image: expected at most ${this.#limits.maxPixels} pixels, received ${pixels}`,
    );
  }
}
