import type { ImageEncodeOptions } from "../backend/image-codec.js";
import type { ImageOutput } from "../backend/platform.js";
import type { CallOptions } from "../cancellation.js";
import { MaskeryError } from "../errors.js";
import { formatFromPath } from "./format-from-path.js";
import { checkRgbaImage, type RgbaImage } from "./rgba-image.js";

export interface PictureFileOptions extends CallOptions {
  /** 1..100 for lossy formats. Default 90. */
  readonly quality?: number;
}

/** Pixels that know how to become bytes or a file. Use one wherever an `RgbaImage` is taken. */
export class Picture implements RgbaImage {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array | Uint8ClampedArray;
  readonly #output: ImageOutput;

  /** Takes the image's buffer as it is. @throws MaskeryError `INVALID_INPUT` when buffer and sizes do not fit. */
  constructor(image: RgbaImage, output: ImageOutput) {
    checkRgbaImage(image);
    this.width = image.width;
    this.height = image.height;
    this.data = image.data;
    this.#output = output;
  }

  /** @throws MaskeryError `UNSUPPORTED_FORMAT`, `INVALID_INPUT`, `ABORTED`. */
  encode(options: ImageEncodeOptions): Promise<Uint8Array> {
    return this.#output.codec.encode(this, options);
  }

  /**
   * Writes a file, whole or not at all, in the format that its extension names.
   * @throws MaskeryError `UNSUPPORTED_FORMAT`, `STORAGE_FAILED`, `ABORTED`.
   */
  async toFile(path: string, options: PictureFileOptions = {}): Promise<void> {
    const { codec, writeFile } = this.#output;
    if (!writeFile)
      throw new MaskeryError("STORAGE_FAILED", "toFile: there is no file system here; use encode()");
    const bytes = await this.encode({ ...options, format: formatFromPath(path, codec.encodes) });
    await writeFile(path, bytes, options);
  }
}
