import { createRequire } from "node:module";
import type { RgbaImage } from "@maskery/core";
import type { WrittenElement } from "../../src/dicom/dicom-writer.test-support.js";
import { type DecodeFrameOptions, readDicom } from "../../src/dicom/index.js";

export const width = 32;
export const height = 24;
export const pixels = width * height;
export const uid = (end: string) => `1.2.840.10008.1.2${end}`;

export function elementsOf(
  changes: Readonly<Record<string, WrittenElement | undefined>> = {},
  bits = 16,
  stored = bits,
): WrittenElement[] {
  const standard: Record<string, WrittenElement | undefined> = {
    "00080060": ["00080060", "CS", "CT"],
    "00280002": ["00280002", "US", [1]],
    "00280004": ["00280004", "CS", "MONOCHROME2"],
    "00280010": ["00280010", "US", [height]],
    "00280011": ["00280011", "US", [width]],
    "00280100": ["00280100", "US", [bits]],
    "00280101": ["00280101", "US", [stored]],
    "00280102": ["00280102", "US", [stored - 1]],
    "00280103": ["00280103", "US", [0]],
    ...changes,
  };
  return Object.values(standard).filter((element) => element !== undefined);
}
export const set = (...elements: WrittenElement[]) =>
  Object.fromEntries(elements.map((element) => [element[0], element]));

const rampAt = (index: number) => (index * 37) % 4096;
export const ramp12 = Array.from({ length: pixels }, (_, index) => rampAt(index));
export const windowed = set(["00281050", "DS", "2048"], ["00281051", "DS", "4096"]);
/** DICOM PS3.3 C.11.2.1.2.1, written down a second time. */
export const linear = (value: number, c: number, w: number) =>
  value <= c - 0.5 - (w - 1) / 2
    ? 0
    : value > c - 0.5 + (w - 1) / 2
      ? 255
      : Math.round(((value - (c - 0.5)) / (w - 1) + 0.5) * 255);

export const grays = ({ data }: RgbaImage) =>
  Array.from({ length: data.length / 4 }, (_, index) => data[index * 4]);
export const colours = ({ data }: RgbaImage) => [...data].filter((_, index) => index % 4 !== 3);
export const decode = async (bytes: Uint8Array, frame = 0, options: DecodeFrameOptions = {}) =>
  (await readDicom(bytes)).decodeFrame(frame, options);
export const words = (values: readonly number[]) => new Uint8Array(Uint16Array.from(values).buffer);

/** The codecs' own encoders; they are not in what decodes. */
interface Encoder {
  getDecodedBuffer(info: object): Uint8Array;
  getEncodedBuffer(): Uint8Array;
  setDecompositions(levels: number): void;
  setInterleaveMode(mode: number): void;
  encode(): void;
}
const require = createRequire(import.meta.url);
const openJpeg: { J2KEncoder: new () => Encoder } = await require("@cornerstonejs/codec-openjpeg")();
const charLs: { JpegLSEncoder: new () => Encoder } = await require("@cornerstonejs/codec-charls")();
function encodeWith(
  encoder: Encoder,
  bytes: Uint8Array,
  bitsPerSample: number,
  componentCount = 1,
  isSigned = false,
): Uint8Array {
  const info = {
    width,
    height,
    bitsPerSample,
    componentCount,
    isSigned,
    isUsingColorTransform: componentCount === 3,
  };
  encoder.getDecodedBuffer(info).set(bytes);
  encoder.encode();
  return Uint8Array.from(encoder.getEncodedBuffer());
}
export function jpeg2000(bytes: Uint8Array, bits: number, components = 1, signed = false): Uint8Array {
  const encoder = new openJpeg.J2KEncoder();
  encoder.setDecompositions(2);
  return encodeWith(encoder, bytes, bits, components, signed);
}
export function jpegLs(bytes: Uint8Array, bits: number, components = 1, mode = 0): Uint8Array {
  const encoder = new charLs.JpegLSEncoder();
  encoder.setInterleaveMode(mode);
  return encodeWith(encoder, bytes, bits, components);
}

export const pixelData = (values: readonly number[]) => set(["7fe00010", "OW", values]);
export const high = (values: readonly number[]) => Uint8Array.from(values, (value) => value >> 8);
export const low = (values: readonly number[]) => Uint8Array.from(values, (value) => value & 255);
