import { invalidInput } from "../errors.js";
import { mapRings, type Polygon, type Ring, type Vertex } from "./polygon.js";

/**
 * Drops vertices of one ring (Ramer–Douglas–Peucker). Guarantee: every vertex dropped lies within `tolerancePixels` of the
 * edge that replaces it, so the old and the new line are nowhere further apart than that; the vertices that stay are not
 * moved; at least three stay, not on one line if the ring had such. A large tolerance can make a ring cross itself.
 * Source of the method: Douglas and Peucker, The Canadian Cartographer 10 (1973).
 * @throws MaskeryError `INVALID_INPUT` for a tolerance that is negative or not finite.
 */
export function simplifyRing(ring: Ring, options: { readonly tolerancePixels: number }): Ring {
  const tolerance = checkTolerance(options.tolerancePixels);
  if (ring.length <= 3) return ring;
  const keep = new Uint8Array(ring.length);
  // A closed line has no ends: it is cut at its first vertex and at the one farthest from there.
  const far = farthestVertex(ring, ring[0]!);
  keep[0] = 1;
  keep[far] = 1;
  keepBetween(ring, 0, far, tolerance, keep);
  keepBetween(ring, far, ring.length, tolerance, keep);
  if (keep.reduce((sum, kept) => sum + kept, 0) < 3) keep[farthestFromLine(ring, ring[0]!, ring[far]!)] = 1;
  return ring.filter((_, index) => keep[index] === 1);
}

/** `simplifyRing` on every ring. */
export function simplifyPolygons(
  polygons: readonly Polygon[],
  options: { readonly tolerancePixels: number },
): Polygon[] {
  checkTolerance(options.tolerancePixels);
  return mapRings(polygons, (ring) => simplifyRing(ring, options));
}

function checkTolerance(tolerance: number): number {
  if (Number.isFinite(tolerance) && tolerance >= 0) return tolerance;
  throw invalidInput("tolerancePixels", "a number of pixels, 0 or more", tolerance);
}

/** Marks what must stay between two kept vertices. `last` may be one past the end, which is the first vertex again. */
function keepBetween(ring: Ring, first: number, last: number, tolerance: number, keep: Uint8Array): void {
  const open: [number, number][] = [[first, last]];
  for (let range = open.pop(); range; range = open.pop()) {
    const [from, to] = range;
    const start = ring[from]!;
    const end = ring[to % ring.length]!;
    let largest = tolerance * tolerance;
    let split = -1;
    for (let index = from + 1; index < to; index++) {
      const distance = squaredDistanceToSegment(ring[index]!, start, end);
      if (distance > largest) {
        largest = distance;
        split = index;
      }
    }
    if (split < 0) continue;
    keep[split] = 1;
    open.push([from, split], [split, to]);
  }
}

function farthestVertex(ring: Ring, from: Vertex): number {
  return indexOfLargest(ring, (vertex) => (vertex.x - from.x) ** 2 + (vertex.y - from.y) ** 2);
}

function farthestFromLine(ring: Ring, start: Vertex, end: Vertex): number {
  return indexOfLargest(ring, (vertex) =>
    Math.abs((end.x - start.x) * (vertex.y - start.y) - (end.y - start.y) * (vertex.x - start.x)),
  );
}

function indexOfLargest(ring: Ring, measure: (vertex: Vertex) => number): number {
  let best = 1;
  let largest = -1;
  for (let index = 1; index < ring.length; index++) {
    const value = measure(ring[index]!);
    if (value > largest) {
      largest = value;
      best = index;
    }
  }
  return best;
}

function squaredDistanceToSegment(point: Vertex, start: Vertex, end: Vertex): number {
  const alongX = end.x - start.x;
  const alongY = end.y - start.y;
  const length = alongX * alongX + alongY * alongY;
  const share = length === 0 ? 0 : ((point.x - start.x) * alongX + (point.y - start.y) * alongY) / length;
  const clamped = share < 0 ? 0 : share > 1 ? 1 : share;
  return (point.x - start.x - clamped * alongX) ** 2 + (point.y - start.y - clamped * alongY) ** 2;
}
