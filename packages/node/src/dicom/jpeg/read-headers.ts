import { corruptDicom, unsupportedDicom } from "../dicom-failure.js";
import type { JpegFrame, JpegScan } from "./jpeg-frame.js";
import type { JpegTables } from "./read-tables.js";

const extendedProcess = 1;
const losslessProcess = 3;

const broken = () => corruptDicom("expected complete JPEG headers, found other bytes");

/**
 * Reads a frame header (ITU-T T.81 B.2.2).
 * @param process - Low bits of its marker.
 * @throws MaskeryError `CORRUPT_IMAGE`; `UNSUPPORTED_FORMAT` for progressive, arithmetic and hierarchical frames.
 */
export function readFrameHeader(segment: Uint8Array, process: number): JpegFrame {
  const isLossless = process === losslessProcess;
  if (!isLossless && process > extendedProcess)
    throw unsupportedDicom(
      `expected sequential or lossless JPEG with Huffman codes, received process ${process}`,
    );
  const [bitsPerSample = 0, top = 0, bottom = 0, left = 0, right = 0, count = 0] = segment;
  if (count < 1 || segment.length < 6 + count * 3) throw broken();
  const fits = isLossless
    ? bitsPerSample >= 2 && bitsPerSample <= 16
    : bitsPerSample === 8 || bitsPerSample === 12;
  if (!fits) throw corruptDicom(`expected a depth that JPEG knows, received ${bitsPerSample} bits`);
  const components = Array.from({ length: count }, (_, index) => {
    const [id, factors, quantisation] = segment.subarray(6 + index * 3) as unknown as [
      number,
      number,
      number,
    ];
    return { id, across: factors >> 4, down: factors & 15, quantisation };
  });
  for (const { across, down } of components) {
    if (across < 1 || across > 4 || down < 1 || down > 4) throw broken();
    if (isLossless && (across !== components[0]?.across || down !== components[0].down))
      throw unsupportedDicom("expected lossless JPEG components of one size, received different ones");
  }
  return {
    width: (left << 8) | right,
    height: (top << 8) | bottom,
    bitsPerSample,
    isLossless,
    components,
  };
}

/**
 * Reads a scan header (B.2.3).
 * @throws MaskeryError `CORRUPT_IMAGE` when it names a component or table that the stream did not bring.
 */
export function readScanHeader(
  segment: Uint8Array,
  frame: JpegFrame,
  tables: JpegTables,
  restartInterval: number,
): JpegScan {
  const count = segment[0] ?? 0;
  if (count < 1 || count > frame.components.length || segment.length < 4 + count * 2) throw broken();
  const components = Array.from({ length: count }, (_, place) => {
    const [id, choice] = segment.subarray(1 + place * 2) as unknown as [number, number];
    const index = frame.components.findIndex((component) => component.id === id);
    const differences = tables.differences[choice >> 4];
    if (index < 0 || !differences)
      throw corruptDicom("expected Huffman tables for every JPEG component, found one missing");
    return { index, differences, others: tables.others[choice & 15] };
  });
  const [selection, , low] = segment.subarray(1 + count * 2) as unknown as [number, number, number];
  return { components, selection, pointTransform: low & 15, restartInterval };
}
