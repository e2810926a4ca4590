import { type ColumnSegments, segmentsFromRuns } from "./column-segments.js";
import { RunBuilder } from "./run-builder.js";
import type { Runs } from "./runs.js";

/** Which pixels count as neighbours: 4 share an edge, 8 share an edge or a corner. */
export type Connectivity = 4 | 8;

/** The connected pieces of a mask, numbered in the order of their first pixel (column by column). */
export interface LabeledSegments {
  readonly segments: ColumnSegments;
  /** Number of pieces. */
  readonly count: number;
  /** Piece of each segment. */
  readonly label: Int32Array;
  /** Pixels of each piece. */
  readonly area: Float64Array;
}

/** Union–find over upright segments: neighbours in adjacent columns whose rows overlap (or, for 8, touch) are one piece. */
export function labelComponents(
  runs: Runs,
  width: number,
  height: number,
  connectivity: Connectivity,
): LabeledSegments {
  const segments = segmentsFromRuns(runs, width, height);
  const { count, top, bottom, columnStart } = segments;
  const parent = new Int32Array(count);
  const reach = connectivity === 8 ? 1 : 0;
  for (let segment = 0; segment < count; segment++) parent[segment] = segment;
  for (let x = 1; x < width; x++) {
    let left = columnStart[x - 1]!;
    let right = columnStart[x]!;
    const leftEnd = right;
    const rightEnd = columnStart[x + 1]!;
    while (left < leftEnd && right < rightEnd) {
      if (top[left]! < bottom[right]! + reach && top[right]! < bottom[left]! + reach)
        join(parent, left, right);
      if (bottom[left]! < bottom[right]!) left++;
      else right++;
    }
  }
  return numberPieces(segments, parent);
}

function find(parent: Int32Array, segment: number): number {
  let root = segment;
  while (parent[root]! !== root) root = parent[root]!;
  while (parent[segment]! !== root) {
    const next = parent[segment]!;
    parent[segment] = root;
    segment = next;
  }
  return root;
}

/** The smaller number becomes the root, so a root always is the first segment of its piece. */
function join(parent: Int32Array, first: number, second: number): void {
  const a = find(parent, first);
  const b = find(parent, second);
  if (a < b) parent[b] = a;
  else parent[a] = b;
}

function numberPieces(segments: ColumnSegments, parent: Int32Array): LabeledSegments {
  const label = new Int32Array(segments.count);
  let count = 0;
  for (let segment = 0; segment < segments.count; segment++) {
    const root = find(parent, segment);
    label[segment] = root === segment ? count++ : label[root]!;
  }
  const area = new Float64Array(count);
  for (let segment = 0; segment < segments.count; segment++) {
    area[label[segment]!]! += segments.bottom[segment]! - segments.top[segment]!;
  }
  return { segments, count, label, area };
}

/** The runs of the pieces that `keep` accepts, all in one mask. */
export function runsOfPieces(
  { segments, label }: LabeledSegments,
  width: number,
  height: number,
  keep: (label: number) => boolean,
): Runs {
  const builder = new RunBuilder();
  for (let segment = 0; segment < segments.count; segment++) {
    if (!keep(label[segment]!)) continue;
    builder.addRun(
      segments.column[segment]! * height + segments.top[segment]!,
      segments.bottom[segment]! - segments.top[segment]!,
    );
  }
  return builder.finish(width * height);
}

/** @returns The runs of each piece, largest area first; equal areas in the order of their first pixel. */
export function splitComponents(
  runs: Runs,
  width: number,
  height: number,
  connectivity: Connectivity,
): Runs[] {
  const { segments, count, label, area } = labelComponents(runs, width, height, connectivity);
  const order = Array.from({ length: count }, (_, piece) => piece).sort(
    (a, b) => area[b]! - area[a]! || a - b,
  );
  const first = groupStarts(label, count);
  const members = new Int32Array(segments.count);
  const next = first.slice(0, count);
  for (let segment = 0; segment < segments.count; segment++) members[next[label[segment]!]!++] = segment;
  return order.map((piece) =>
    runsOfSegments(segments, members.subarray(first[piece]!, first[piece + 1]!), width, height),
  );
}

function groupStarts(label: Int32Array, count: number): Int32Array<ArrayBuffer> {
  const starts = new Int32Array(count + 1);
  for (const piece of label) starts[piece + 1]!++;
  for (let piece = 0; piece < count; piece++) starts[piece + 1]! += starts[piece]!;
  return starts;
}

function runsOfSegments(segments: ColumnSegments, members: Int32Array, width: number, height: number): Runs {
  const builder = new RunBuilder(members.length * 2);
  for (const segment of members) {
    builder.addRun(
      segments.column[segment]! * height + segments.top[segment]!,
      segments.bottom[segment]! - segments.top[segment]!,
    );
  }
  return builder.finish(width * height);
}
