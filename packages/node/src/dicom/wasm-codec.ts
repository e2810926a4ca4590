import { corruptDicom, describeThrown } from "./dicom-failure.js";
import type { PixelFormat } from "./pixel-format.js";

interface FrameInfo {
  readonly width: number;
  readonly height: number;
  readonly bitsPerSample: number;
  readonly componentCount: number;
}

/** What the decoders of OpenJPEG and CharLS have in common. */
interface WasmDecoder {
  getEncodedBuffer(length: number): Uint8Array;
  getDecodedBuffer(): Uint8Array;
  getFrameInfo(): FrameInfo;
  decode(): void;
  getInterleaveMode?(): number;
  delete(): void;
}

interface WasmModule {
  readonly HEAPU8: Uint8Array;
  readonly J2KDecoder?: new () => WasmDecoder;
  readonly JpegLSDecoder?: new () => WasmDecoder;
  getExceptionMessage?(exception: number): string;
}

export type WasmFactory = (settings: { print(): void; printErr(): void }) => Promise<WasmModule>;

export interface WasmResult {
  /** A copy, outside the module's memory. */
  readonly bytes: Uint8Array;
  readonly bitsPerSample: number;
  readonly interleaveMode: number;
}

/** WebAssembly memory only grows: a module that grew beyond this is left to the garbage collector. */
const largestKeptHeapBytes = 128 * 1024 * 1024;

/** Calls a decoder in WebAssembly; the module is started at the first call and kept while it stays small. */
export class WasmCodec {
  readonly #name: string;
  readonly #load: () => Promise<WasmFactory>;
  #module: Promise<WasmModule> | undefined;

  constructor(name: string, load: () => Promise<WasmFactory>) {
    this.#name = name;
    this.#load = load;
  }

  /** @throws MaskeryError `CORRUPT_IMAGE`, `UNSUPPORTED_FORMAT` when the package is missing. */
  async decode(bytes: Uint8Array, format: PixelFormat): Promise<WasmResult> {
    this.#module ??= this.#start().catch((error: unknown) => {
      this.#module = undefined;
      throw error;
    });
    const module = await this.#module;
    let decoder: WasmDecoder | undefined;
    try {
      const Decoder = (module.J2KDecoder ?? module.JpegLSDecoder) as new () => WasmDecoder;
      decoder = new Decoder();
      decoder.getEncodedBuffer(bytes.length).set(bytes);
      decoder.decode();
      const { width, height, bitsPerSample, componentCount } = decoder.getFrameInfo();
      // OpenJPEG answers a broken stream with a picture of nothing.
      if (
        width !== format.width ||
        height !== format.height ||
        componentCount !== format.samplesPerPixel ||
        bitsPerSample < 1 ||
        bitsPerSample > 16
      ) {
        throw `the stream holds ${width} × ${height} × ${componentCount} at ${bitsPerSample} bits`;
      }
      return {
        bytes: Uint8Array.from(decoder.getDecodedBuffer()),
        bitsPerSample,
        interleaveMode: decoder.getInterleaveMode?.() ?? 2,
      };
    } catch (error) {
      // A trap, unlike an exception of the codec, leaves the module in no state to go on.
      if (error instanceof Error && error.name === "RuntimeError") this.#module = undefined;
      const reason = typeof error === "number" ? module.getExceptionMessage?.(error) : undefined;
      throw corruptDicom(
        `expected a complete ${this.#name} frame: ${reason ?? describeThrown(error)}`,
        error,
      );
    } finally {
      decoder?.delete();
      if (module.HEAPU8.length > largestKeptHeapBytes) this.#module = undefined;
    }
  }

  async #start(): Promise<WasmModule> {
    const factory = await this.#load();
    const silent = () => undefined;
    return factory({ print: silent, printErr: silent });
  }
}
