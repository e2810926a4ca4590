import { unsupportedDicom } from "./dicom-failure.js";

/** How the pixels of one frame are coded. */
export type PixelCoding = "native" | "run-length" | "jpeg" | "jpeg-lossless" | "jpeg-ls" | "jpeg-2000";

export interface TransferSyntax {
  readonly uid: string;
  readonly name: string;
  readonly coding: PixelCoding;
  readonly bigEndian?: true;
  readonly deflated?: true;
}

export const implicitLittleEndian = "1.2.840.10008.1.2";
export const explicitLittleEndian = "1.2.840.10008.1.2.1";
export const deflatedLittleEndian = "1.2.840.10008.1.2.1.99";

/** DICOM PS3.5 chapter 10 and annex A. */
const known: readonly TransferSyntax[] = [
  { uid: implicitLittleEndian, name: "Implicit VR Little Endian", coding: "native" },
  { uid: explicitLittleEndian, name: "Explicit VR Little Endian", coding: "native" },
  {
    uid: deflatedLittleEndian,
    name: "Deflated Explicit VR Little Endian",
    coding: "native",
    deflated: true,
  },
  { uid: "1.2.840.10008.1.2.2", name: "Explicit VR Big Endian", coding: "native", bigEndian: true },
  { uid: "1.2.840.10008.1.2.5", name: "RLE Lossless", coding: "run-length" },
  { uid: "1.2.840.10008.1.2.4.50", name: "JPEG Baseline (Process 1)", coding: "jpeg" },
  { uid: "1.2.840.10008.1.2.4.51", name: "JPEG Extended (Process 2 & 4)", coding: "jpeg" },
  { uid: "1.2.840.10008.1.2.4.57", name: "JPEG Lossless (Process 14)", coding: "jpeg-lossless" },
  {
    uid: "1.2.840.10008.1.2.4.70",
    name: "JPEG Lossless (Process 14, Selection Value 1)",
    coding: "jpeg-lossless",
  },
  { uid: "1.2.840.10008.1.2.4.80", name: "JPEG-LS Lossless", coding: "jpeg-ls" },
  { uid: "1.2.840.10008.1.2.4.81", name: "JPEG-LS Near-Lossless", coding: "jpeg-ls" },
  { uid: "1.2.840.10008.1.2.4.90", name: "JPEG 2000 Lossless", coding: "jpeg-2000" },
  { uid: "1.2.840.10008.1.2.4.91", name: "JPEG 2000", coding: "jpeg-2000" },
];

/** @throws MaskeryError `UNSUPPORTED_FORMAT` naming the syntax. */
export function findTransferSyntax(uid: string): TransferSyntax {
  const found = known.find((syntax) => syntax.uid === uid);
  if (found) return found;
  throw unsupportedDicom(
    `expected a DICOM transfer syntax of ${known.map(({ name }) => name).join(", ")}; received ${uid.slice(0, 64)}`,
  );
}
