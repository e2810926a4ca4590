import type { DataSet, Element, Fragment } from "dicom-parser";
import { corruptDicom } from "./dicom-failure.js";
import type { PixelFormat } from "./pixel-format.js";
import type { TransferSyntax } from "./transfer-syntax.js";

const pixelData = "x7fe00010";

/** The coded bytes of one frame. */
export type FrameBytes = (index: number) => Uint8Array;

/**
 * Finds the frames in the pixel data, and checks that there are as many bytes as the header promises before anything
 * is allocated for them.
 * @throws MaskeryError `CORRUPT_IMAGE`.
 */
export function locateFrames(dataSet: DataSet, format: PixelFormat, syntax: TransferSyntax): FrameBytes {
  const element = dataSet.elements[pixelData];
  if (!element) throw corruptDicom("expected a DICOM file with Pixel Data, found none");
  if (syntax.coding === "native") return nativeFrames(dataSet, element, format, syntax);
  if (!element.encapsulatedPixelData || !element.fragments)
    throw corruptDicom(`expected Pixel Data in fragments for ${syntax.name}, found them plain`);
  return fragmentedFrames(dataSet, element, element.fragments, format);
}

function nativeFrames(
  dataSet: DataSet,
  element: Element,
  format: PixelFormat,
  { bigEndian }: TransferSyntax,
): FrameBytes {
  const { width, height, frames, samplesPerPixel, bitsAllocated, photometric } = format;
  // Two pixels share their colour: four samples for two.
  const samplesInPixel = photometric === "YBR_FULL_422" ? 2 : samplesPerPixel;
  const frameBytes = width * height * samplesInPixel * (bitsAllocated / 8);
  const found = Math.min(element.length, dataSet.byteArray.length - element.dataOffset);
  if (element.encapsulatedPixelData || found < frameBytes * frames)
    throw corruptDicom(
      `expected ${frameBytes * frames} bytes of Pixel Data (${width} × ${height} × ${frames} frames), found ${found}`,
    );
  const bytesOfWordsAreSwapped = bigEndian && bitsAllocated === 8 && element.vr === "OW";
  return (index) => {
    const start = element.dataOffset + index * frameBytes;
    if (!bytesOfWordsAreSwapped) return dataSet.byteArray.subarray(start, start + frameBytes);
    // Words begin at the first byte of the pixel data, whatever the length of a frame.
    return Uint8Array.from(
      { length: frameBytes },
      (_, offset) => dataSet.byteArray[element.dataOffset + ((index * frameBytes + offset) ^ 1)] ?? 0,
    );
  };
}

function fragmentedFrames(
  dataSet: DataSet,
  element: Element,
  fragments: readonly Fragment[],
  { frames }: PixelFormat,
): FrameBytes {
  const end = dataSet.byteArray.length;
  const groups = groupFragments(dataSet, fragments, element.basicOffsetTable ?? [], frames);
  if (groups.length < frames)
    throw corruptDicom(`expected ${frames} frames in the Pixel Data, found ${groups.length}`);
  return (index) => {
    const parts = (groups[index] ?? []).map(({ position, length }) => {
      if (position + length > end)
        throw corruptDicom(`expected frame ${index} to be complete, found the end of the file`);
      return dataSet.byteArray.subarray(position, position + length);
    });
    if (parts.length === 1) return parts[0] as Uint8Array;
    const whole = new Uint8Array(parts.reduce((total, part) => total + part.length, 0));
    let offset = 0;
    for (const part of parts) {
      whole.set(part, offset);
      offset += part.length;
    }
    return whole;
  };
}

/** By the offset table; without a right one, a fragment a frame, or a new frame where a code stream begins. */
function groupFragments(
  { byteArray }: DataSet,
  fragments: readonly Fragment[],
  offsets: readonly number[],
  frames: number,
): readonly (readonly Fragment[])[] {
  if (frames === 1) return fragments.length > 0 ? [fragments] : [];
  const grouped = (startsFrame: (fragment: Fragment) => boolean) => {
    const groups: Fragment[][] = [];
    for (const fragment of fragments) {
      if (groups.length === 0 || startsFrame(fragment)) groups.push([]);
      groups.at(-1)?.push(fragment);
    }
    return groups;
  };
  const starts = new Set(offsets);
  const byTable = starts.size === frames ? grouped(({ offset }) => starts.has(offset)) : [];
  // Tables that point elsewhere than at fragments are common enough to go on without them.
  if (byTable.length === frames) return byTable;
  if (fragments.length === frames) return fragments.map((fragment) => [fragment]);
  return grouped(({ position }) => {
    const [first, second] = [byteArray[position], byteArray[position + 1]];
    return first === 0xff && (second === 0xd8 || second === 0x4f);
  });
}
