import type { HuffmanTable } from "./huffman-table.js";

export interface JpegComponent {
  readonly id: number;
  /** Samples in the smallest unit of the frame, across and down. */
  readonly across: number;
  readonly down: number;
  readonly quantisation: number;
}

/** The frame header (ITU-T T.81 B.2.2). */
export interface JpegFrame {
  readonly width: number;
  readonly height: number;
  readonly bitsPerSample: number;
  readonly isLossless: boolean;
  readonly components: readonly JpegComponent[];
}

export interface ScanComponent {
  /** Place among the frame's components. */
  readonly index: number;
  /** Of differences: DC coefficients, or those of lossless frames. */
  readonly differences: HuffmanTable;
  /** Of the other coefficients; lossless frames have none. */
  readonly others: HuffmanTable | undefined;
}

/** A scan header with the tables that held when it came (B.2.3). */
export interface JpegScan {
  readonly components: readonly ScanComponent[];
  /** Lossless: which prediction, 1 to 7. */
  readonly selection: number;
  /** Lossless: how many low bits were dropped. */
  readonly pointTransform: number;
  /** Units between restart markers; 0 for none. */
  readonly restartInterval: number;
}

/** Samples of one component, row after row, from the frame's top left corner. */
export interface Plane {
  readonly samples: Uint16Array;
  /** Samples from one row to the next; rows may be longer than the picture is wide. */
  readonly stride: number;
}
