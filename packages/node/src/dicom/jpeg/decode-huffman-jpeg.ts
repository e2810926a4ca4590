import { checkSamePicture } from "../code-stream.js";
import { corruptDicom } from "../dicom-failure.js";
import type { PixelFormat } from "../pixel-format.js";
import { BitReader } from "./bit-reader.js";
import { allocatePlane, decodeCosineScan } from "./cosine-scan.js";
import type { JpegFrame, Plane } from "./jpeg-frame.js";
import { decodeLosslessScan, undoPointTransform } from "./lossless-scan.js";
import { readFrameHeader, readScanHeader } from "./read-headers.js";
import { type JpegTables, readHuffmanTables, readQuantisations } from "./read-tables.js";

const marker = { huffman: 0xc4, quantisation: 0xdb, restarts: 0xdd, scan: 0xda, end: 0xd9 } as const;
/** Eight by eight samples take two codes at least, of one bit each. */
const mostSamplesPerBit = 32;

/**
 * Decodes the JPEG processes that medical files use and picture libraries leave out: lossless of 2 to 16 bits with any
 * prediction, and sequential of 12 bits.
 * @returns Samples pixel by pixel, colours as the stream holds them.
 * @throws MaskeryError `CORRUPT_IMAGE`, `UNSUPPORTED_FORMAT`.
 */
export function decodeHuffmanJpeg(bytes: Uint8Array, format: PixelFormat): Uint16Array {
  const tables: JpegTables = { quantisations: [], differences: [], others: [] };
  let frame: JpegFrame | undefined;
  let planes: Plane[] = [];
  let restartInterval = 0;
  const missing = new Set<number>();
  for (let offset = 2; offset + 4 <= bytes.length; ) {
    if (bytes[offset] !== 0xff) throw corruptDicom("expected a JPEG marker, found other bytes");
    const code = bytes[offset + 1] as number;
    if (code === 0xff) {
      offset += 1;
      continue;
    }
    if (code === marker.end) break;
    const length = ((bytes[offset + 2] as number) << 8) | (bytes[offset + 3] as number);
    const segment = bytes.subarray(offset + 4, offset + 2 + length);
    offset += 2 + length;
    if (length < 2 || offset > bytes.length)
      throw corruptDicom("expected a complete JPEG segment, found the end of the frame");
    if (code === marker.huffman) readHuffmanTables(segment, tables);
    else if (code === marker.quantisation) readQuantisations(segment, tables);
    else if (code === marker.restarts) restartInterval = ((segment[0] ?? 0) << 8) | (segment[1] ?? 0);
    else if (code >= 0xc0 && code <= 0xcf) {
      if (frame) throw corruptDicom("expected one JPEG frame, found two");
      frame = readFrameHeader(segment, code & 15);
      planes = allocatePlanes(frame, format, bytes.length);
      for (const index of planes.keys()) missing.add(index);
    } else if (code === marker.scan) {
      if (!frame) throw corruptDicom("expected a JPEG frame header before the scan, found none");
      const scan = readScanHeader(segment, frame, tables, restartInterval);
      for (const { index } of scan.components)
        if (!missing.delete(index)) throw corruptDicom("expected a JPEG component once, found it twice");
      const reader = new BitReader(bytes, offset);
      if (frame.isLossless) {
        decodeLosslessScan(reader, frame, scan, planes);
        for (const { index } of scan.components)
          undoPointTransform(planes[index] as Plane, scan.pointTransform);
      } else decodeCosineScan(reader, frame, scan, planes, findQuantisations(frame, tables));
      offset = reader.findNextMarker();
    }
  }
  if (!frame || missing.size > 0) throw corruptDicom("expected a complete JPEG frame, found no end of it");
  return interleave(frame, planes);
}

/** @throws MaskeryError `CORRUPT_IMAGE` before anything is allocated for a picture that cannot be in the stream. */
function allocatePlanes(frame: JpegFrame, format: PixelFormat, streamBytes: number): Plane[] {
  const { width, height, components, isLossless } = frame;
  checkSamePicture({ width, height, components: components.length }, format);
  const samplesPerBit = isLossless ? 1 : mostSamplesPerBit;
  if (width * height > streamBytes * 8 * samplesPerBit)
    throw corruptDicom(`expected a JPEG frame of ${width} × ${height}, found ${streamBytes} bytes`);
  if (!isLossless) return components.map((component) => allocatePlane(component, frame));
  return components.map(() => ({ samples: new Uint16Array(width * height), stride: width }));
}

function findQuantisations({ components }: JpegFrame, tables: JpegTables): Uint16Array[] {
  return components.map(({ quantisation }) => {
    const found = tables.quantisations[quantisation];
    if (!found)
      throw corruptDicom("expected a quantisation table for every JPEG component, found one missing");
    return found;
  });
}

/** Pixel by pixel; where a component has fewer samples, the nearest one stands for its neighbours. */
function interleave(
  { width, height, components, isLossless }: JpegFrame,
  planes: readonly Plane[],
): Uint16Array {
  if (isLossless && planes.length === 1) return (planes[0] as Plane).samples;
  const mostAcross = Math.max(...components.map(({ across }) => across));
  const mostDown = Math.max(...components.map(({ down }) => down));
  const samples = new Uint16Array(width * height * planes.length);
  for (const [index, plane] of planes.entries()) {
    const { across, down } = components[index] as JpegFrame["components"][number];
    for (let y = 0; y < height; y += 1) {
      const from = Math.floor((y * down) / mostDown) * plane.stride;
      for (let x = 0; x < width; x += 1)
        samples[(y * width + x) * planes.length + index] = plane.samples[
          from + Math.floor((x * across) / mostAcross)
        ] as number;
    }
  }
  return samples;
}
