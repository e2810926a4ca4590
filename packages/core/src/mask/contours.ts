import { type LabeledSegments, labelComponents } from "./components.js";
import { type Polygon, type Ring, signedRingArea, type Vertex } from "./polygon.js";
import type { Runs } from "./runs.js";

/**
 * The exact outline of a mask along pixel edges, as polygons with holes: rasterising them gives back the same pixels. Each
 * piece of pixels that share edges is one polygon, ordered by its first pixel (column by column). No ring touches itself;
 * rings may touch each other in a corner.
 *
 * Each upright segment of the mask has a top edge, walked leftwards, and a bottom edge, walked rightwards. At every column
 * border the ends of these edges, sorted by row, pair up into the upright edges between them; that links all edges to
 * rings. Work grows with the segments, not with the area.
 */
export function polygonsFromRuns(runs: Runs, width: number, height: number): Polygon[] {
  const pieces = labelComponents(runs, width, height, 4);
  const links = linkEdges(pieces, width);
  const outers: Ring[] = new Array(pieces.count);
  const holes: Ring[][] = Array.from({ length: pieces.count }, () => []);
  const visited = new Uint8Array(links.next.length);
  for (let edge = 0; edge < links.next.length; edge++) {
    if (visited[edge]) continue;
    const piece = pieces.label[edge >> 1]!;
    for (const ring of walkRing(edge, pieces, links, visited)) {
      if (signedRingArea(ring) > 0) outers[piece] = ring;
      else holes[piece]!.push(ring);
    }
  }
  return outers.map((outer, piece) => ({ outer, holes: holes[piece]! }));
}

/** Edge `2 * segment` is a segment's top, `2 * segment + 1` its bottom. */
interface EdgeLinks {
  readonly next: Int32Array;
  /** 1 where the end of an edge lies on a corner at which two pixels meet only diagonally. */
  readonly endsAtPinch: Uint8Array;
  readonly startsAtPinch: Uint8Array;
}

function linkEdges({ segments }: LabeledSegments, width: number): EdgeLinks {
  const { count, top, bottom, columnStart } = segments;
  const links = {
    next: new Int32Array(count * 2),
    endsAtPinch: new Uint8Array(count * 2),
    startsAtPinch: new Uint8Array(count * 2),
  };
  const row = (edge: number) => ((edge & 1) === 0 ? top[edge >> 1]! : bottom[edge >> 1]!);
  for (let x = 0; x <= width; x++) {
    // Edges of the column to the left and of the column to the right, both by rising row.
    let left = x > 0 ? columnStart[x - 1]! * 2 : 0;
    const leftEnd = x > 0 ? columnStart[x]! * 2 : 0;
    let right = leftEnd;
    const rightEnd = x < width ? columnStart[x + 1]! * 2 : right;
    let waiting = -1;
    let waitingLeavesHere = false;
    while (left < leftEnd || right < rightEnd) {
      const leftRow = left < leftEnd ? row(left) : Number.POSITIVE_INFINITY;
      const rightRow = right < rightEnd ? row(right) : Number.POSITIVE_INFINITY;
      let takeLeft = leftRow < rightRow;
      if (leftRow === rightRow) {
        // Where pixels meet only diagonally the bottom comes first: each pixel keeps its own corner.
        takeLeft = (left & 1) === 1;
        if ((left & 1) !== (right & 1)) markPinch(links, left, right);
      }
      const edge = takeLeft ? left++ : right++;
      // A top edge ends at the left of its column, a bottom edge at the right.
      const leavesHere = takeLeft === ((edge & 1) === 1);
      if (waiting < 0) {
        waiting = edge;
        waitingLeavesHere = leavesHere;
      } else {
        if (waitingLeavesHere) links.next[waiting] = edge;
        else links.next[edge] = waiting;
        waiting = -1;
      }
    }
  }
  return links;
}

function markPinch(links: EdgeLinks, left: number, right: number): void {
  // Left bottom with right top: both edges end in the corner. Left top with right bottom: both start there.
  const flags = (left & 1) === 1 ? links.endsAtPinch : links.startsAtPinch;
  flags[left] = 1;
  flags[right] = 1;
}

/** One ring, or several when it meets itself in a corner: it is cut there, so that each part is simple. */
function walkRing(
  start: number,
  { segments }: LabeledSegments,
  links: EdgeLinks,
  visited: Uint8Array,
): Ring[] {
  const { column, top, bottom } = segments;
  const row = (edge: number) => ((edge & 1) === 0 ? top[edge >> 1]! : bottom[edge >> 1]!);
  const rings: Ring[] = [];
  const ring: Vertex[] = [];
  const pinches: { x: number; y: number; index: number }[] = [];
  const visitPinch = (x: number, y: number) => {
    const earlier = pinches.findLastIndex((pinch) => pinch.x === x && pinch.y === y);
    if (earlier < 0) {
      pinches.push({ x, y, index: ring.length });
      ring.push({ x, y });
      return;
    }
    // The loop since the first visit becomes a ring of its own; the walk goes on from the corner.
    const { index } = pinches[earlier]!;
    rings.push(ring.slice(index));
    ring.length = index + 1;
    pinches.length = earlier + 1;
  };
  let edge = start;
  do {
    visited[edge] = 1;
    const next = links.next[edge]!;
    const isBottom = edge & 1;
    const x = column[edge >> 1]! + isBottom;
    const y = row(edge);
    const nextY = row(next);
    if (y !== nextY) {
      if (links.endsAtPinch[edge]) visitPinch(x, y);
      else ring.push({ x, y });
      if (links.startsAtPinch[next]) visitPinch(x, nextY);
      else ring.push({ x, y: nextY });
    }
    edge = next;
  } while (edge !== start);
  rings.push(ring);
  return rings;
}
