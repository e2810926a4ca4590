import type { LogitsPlane } from "./logits-plane.js";
import { mapRings, type Polygon, type Ring, signedRingArea, type Vertex } from "./polygon.js";

/** Value beyond the picture: surely outside, so that every contour closes along the picture's edge. */
const OUTSIDE = -1e30;

/**
 * Contours with sub-pixel corners: marching squares over the plane itself, corners mapped to the picture by the plane's
 * law. The value along the line between two plane samples is exactly linear, so corners lie exactly where the bilinear
 * value equals `threshold`; between corners, inside one plane cell, the contour is a straight line. Where a cell could be
 * cut in two ways the bilinear value at its saddle decides (Nielson and Hamann, "The Asymptotic Decider", 1991).
 * Source of the method: Lorensen and Cline, "Marching Cubes" (SIGGRAPH 1987), in two dimensions.
 * @returns Polygons in edge coordinates (see `Vertex`), holes kept, cut at the edges of the picture or of the plane's window.
 */
export function polygonsFromLogits(
  plane: LogitsPlane,
  imageWidth: number,
  imageHeight: number,
  threshold = 0,
): Polygon[] {
  if (plane.window) {
    const { x, y, width, height } = plane.window;
    const polygons = polygonsFromLogits({ ...plane, window: undefined }, width, height, threshold);
    return mapRings(polygons, (ring) => ring.map((vertex) => ({ x: vertex.x + x, y: vertex.y + y })));
  }
  const across = axisNodes(plane.width, plane.scaleX, imageWidth);
  const down = axisNodes(plane.height, plane.scaleY, imageHeight);
  const values = sampleNodes(plane, across, down, threshold);
  const next = linkCrossings(values, across.edge.length, down.edge.length);
  const rings = walkRings(next, (crossing) => locate(crossing, values, across.edge, down.edge));
  return groupRings(rings);
}

/** Sample places along one side: the plane's own samples within the picture, the picture's two edges, and one beyond each. */
interface AxisNodes {
  /** Place in edge coordinates of the picture. The outermost two lie on the edges too, so that contours close exactly there. */
  readonly edge: Float64Array;
  /** Place on the plane, clamped to it. */
  readonly plane: Float64Array;
}

function axisNodes(planeLength: number, scale: number, imageLength: number): AxisNodes {
  const edge = [0, 0];
  for (let index = 0; index < planeLength; index++) {
    const place = (index + 0.5) / scale;
    if (place > 0 && place < imageLength) edge.push(place);
  }
  edge.push(imageLength, imageLength);
  return {
    edge: Float64Array.from(edge),
    plane: Float64Array.from(edge, (place) => Math.min(planeLength - 1, Math.max(0, place * scale - 0.5))),
  };
}

function sampleNodes(
  plane: LogitsPlane,
  across: AxisNodes,
  down: AxisNodes,
  threshold: number,
): Float64Array {
  const columns = across.plane.length;
  const rows = down.plane.length;
  const values = new Float64Array(columns * rows).fill(OUTSIDE);
  for (let row = 1; row < rows - 1; row++) {
    const v = down.plane[row]!;
    const upper = Math.floor(v);
    const lower = Math.min(plane.height - 1, upper + 1);
    for (let column = 1; column < columns - 1; column++) {
      const u = across.plane[column]!;
      const left = Math.floor(u);
      const right = Math.min(plane.width - 1, left + 1);
      const above = mix(
        plane.data[upper * plane.width + left]!,
        plane.data[upper * plane.width + right]!,
        u - left,
      );
      const below = mix(
        plane.data[lower * plane.width + left]!,
        plane.data[lower * plane.width + right]!,
        u - left,
      );
      values[row * columns + column] = mix(above, below, v - upper) - threshold;
    }
  }
  return values;
}

function mix(first: number, second: number, share: number): number {
  return first + (second - first) * share;
}

/**
 * Crossing `2 * node` lies on the line to the node's right neighbour, `2 * node + 1` on the line to the one below.
 * @returns For each crossing the one after it, foreground on the left hand as seen on screen; -1 where there is none.
 */
function linkCrossings(values: Float64Array, columns: number, rows: number): Int32Array {
  const next = new Int32Array(values.length * 2).fill(-1);
  for (let row = 0; row + 1 < rows; row++) {
    for (let column = 0; column + 1 < columns; column++) {
      const node = row * columns + column;
      const topLeft = values[node]!;
      const topRight = values[node + 1]!;
      const bottomLeft = values[node + columns]!;
      const bottomRight = values[node + columns + 1]!;
      const inside =
        (topLeft > 0 ? 1 : 0) | (topRight > 0 ? 2 : 0) | (bottomRight > 0 ? 4 : 0) | (bottomLeft > 0 ? 8 : 0);
      if (inside === 0 || inside === 15) continue;
      const top = 2 * node;
      const left = top + 1;
      const right = left + 2;
      const bottom = top + 2 * columns;
      const isSaddle = inside === 5 || inside === 10;
      const joined =
        isSaddle &&
        (topLeft * bottomRight - topRight * bottomLeft) / (topLeft + bottomRight - topRight - bottomLeft) > 0;
      // A saddle whose middle is inside cuts off its two outer corners: the same lines as the opposite saddle, reversed.
      switch (inside) {
        case 1:
          next[left] = top;
          break;
        case 2:
          next[top] = right;
          break;
        case 3:
          next[left] = right;
          break;
        case 4:
          next[right] = bottom;
          break;
        case 5:
          if (joined) {
            next[right] = top;
            next[left] = bottom;
          } else {
            next[left] = top;
            next[right] = bottom;
          }
          break;
        case 6:
          next[top] = bottom;
          break;
        case 7:
          next[left] = bottom;
          break;
        case 8:
          next[bottom] = left;
          break;
        case 9:
          next[bottom] = top;
          break;
        case 10:
          if (joined) {
            next[top] = left;
            next[bottom] = right;
          } else {
            next[top] = right;
            next[bottom] = left;
          }
          break;
        case 11:
          next[bottom] = right;
          break;
        case 12:
          next[right] = left;
          break;
        case 13:
          next[right] = top;
          break;
        case 14:
          next[top] = left;
          break;
      }
    }
  }
  return next;
}

function locate(crossing: number, values: Float64Array, across: Float64Array, down: Float64Array): Vertex {
  const node = crossing >> 1;
  const columns = across.length;
  const column = node % columns;
  const row = (node - column) / columns;
  const value = values[node]!;
  if ((crossing & 1) === 0) {
    const share = value / (value - values[node + 1]!);
    return { x: mix(across[column]!, across[column + 1]!, share), y: down[row]! };
  }
  const share = value / (value - values[node + columns]!);
  return { x: across[column]!, y: mix(down[row]!, down[row + 1]!, share) };
}

function walkRings(next: Int32Array, vertexAt: (crossing: number) => Vertex): Ring[] {
  const rings: Ring[] = [];
  for (let start = 0; start < next.length; start++) {
    const ring: Vertex[] = [];
    let crossing = start;
    while (next[crossing]! >= 0) {
      ring.push(vertexAt(crossing));
      const following = next[crossing]!;
      next[crossing] = -1;
      crossing = following;
    }
    if (ring.length < 3) continue;
    const clean = dropStraightVertices(ring);
    if (clean.length >= 3) rings.push(clean);
  }
  return rings;
}

/** Along the picture's edges every sample leaves a vertex that bends nothing, and two in the picture's corners. */
function dropStraightVertices(ring: Ring): Ring {
  const result: Vertex[] = [];
  for (const vertex of ring) {
    while (result.length > 1 && isStraight(result[result.length - 2]!, result[result.length - 1]!, vertex))
      result.pop();
    if (result.length === 1 && result[0]!.x === vertex.x && result[0]!.y === vertex.y) continue;
    result.push(vertex);
  }
  while (result.length > 2 && isStraight(result[result.length - 2]!, result[result.length - 1]!, result[0]!))
    result.pop();
  while (result.length > 2 && isStraight(result[result.length - 1]!, result[0]!, result[1]!)) result.shift();
  return result;
}

function isStraight(first: Vertex, middle: Vertex, last: Vertex): boolean {
  return (middle.x - first.x) * (last.y - middle.y) === (middle.y - first.y) * (last.x - middle.x);
}

/** Gives each hole to the smallest outer ring around it. Rings of one plane never cross. */
function groupRings(rings: readonly Ring[]): Polygon[] {
  const outers = rings
    .map((ring) => ({ ring, area: signedRingArea(ring), box: boxOf(ring), holes: [] as Ring[] }))
    .filter(({ area }) => area > 0);
  const bySize = [...outers].sort((first, second) => first.area - second.area);
  for (const ring of rings) {
    if (signedRingArea(ring) >= 0) continue;
    const { x, y } = ring[0]!;
    bySize
      .find(
        ({ box, ring: outer }) =>
          x >= box.left && x <= box.right && y >= box.top && y <= box.bottom && surrounds(outer, x, y),
      )
      ?.holes.push(ring);
  }
  return outers.map(({ ring, holes }) => ({ outer: ring, holes }));
}

function boxOf(ring: Ring) {
  const box = { left: Infinity, right: -Infinity, top: Infinity, bottom: -Infinity };
  for (const { x, y } of ring) {
    box.left = Math.min(box.left, x);
    box.right = Math.max(box.right, x);
    box.top = Math.min(box.top, y);
    box.bottom = Math.max(box.bottom, y);
  }
  return box;
}

function surrounds(ring: Ring, x: number, y: number): boolean {
  let inside = false;
  let previous = ring[ring.length - 1]!;
  for (const vertex of ring) {
    if (
      vertex.y > y !== previous.y > y &&
      x < previous.x + ((y - previous.y) / (vertex.y - previous.y)) * (vertex.x - previous.x)
    ) {
      inside = !inside;
    }
    previous = vertex;
  }
  return inside;
}
